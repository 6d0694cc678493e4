"""The source's words, rows and references, however they are written: known, or handed on as unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime

import msgspec
import pytest
from tests.contracts.sims_primary.test_client import SETTINGS, Network, client

from schoolgate.connectors import odd_json
from schoolgate.connectors.port import NO_CODE, MarkRow, OnRoll, SchoolCode, SchoolSession, SourceRow
from schoolgate.connectors.sims_primary.envelopes import Envelopes
from schoolgate.connectors.sims_primary.mapping import Recipe, shipped_mapping, vocabularies_of
from schoolgate.connectors.sims_primary.source import SimsPrimarySource
from schoolgate.connectors.sims_primary.vocabulary import as_told, nc_year_of

WORDS = vocabularies_of(shipped_mapping())
AT = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def source() -> Iterator[SimsPrimarySource]:
    made = SimsPrimarySource(client=client(Network()), mapping=shipped_mapping())
    yield made
    made.close()


def row(**said: object) -> SourceRow:
    return SourceRow(pupil="p1", row_id="r1", is_removed=False, raw=msgspec.Raw(json.dumps(said).encode()))


@pytest.mark.parametrize(
    ("said", "year"),
    [
        *(
            (said, "3")
            for said in ("3", "03", "Y3", "y 3", "Yr3", "YR 03", "Year 3", "year-3", "YEAR3", "Year Three")
        ),
        *((said, "R") for said in ("R", "Reception", "YR", "Year R", "reception", "Rec.")),
        *((said, "N1") for said in ("N1", "Nursery 1", "nursery1", "N 1")),
        *((said, "N2") for said in ("N2", "Nursery", "Nursery 2")),
        *((said, "14") for said in ("Y14", "Year 14")),
        *(
            (said, "")
            for said in ("", "Otters", "Year", "Y3/4", "1/2", "Year 1/2", "Y15", "Year 33", "3 Oak")
        ),
    ],
)
def test_knows_a_year_group_by_its_name(said: str, year: str) -> None:
    assert nc_year_of(said, WORDS["nc_year"]) == year


@pytest.mark.parametrize(
    ("table", "said", "meaning"),
    [
        ("session", "Morning", "AM"),
        ("session", " am ", "AM"),
        ("session", "A.M.", "AM"),
        ("session", "PM session", "PM"),
        ("session", "AFTERNOON  Registration", "PM"),
        ("session", "Evening", ""),
        ("session", "", ""),
        ("roll_state", "CURRENT", "Current"),
        ("roll_state", "leaver ", "Leaver"),
        ("roll_state", "Guest", ""),
        ("roll_state", None, ""),
        ("roll_state", {"Current": 1}, ""),
        ("sex", "FEMALE", "F"),
    ],
)
def test_knows_a_word_however_it_is_spelled(table: str, said: object, meaning: str) -> None:
    assert WORDS[table].meaning(said) == meaning


def test_shows_a_word_on_one_short_line_or_not_at_all() -> None:
    assert as_told(" Guest\n\x00of " + "x" * 99) == "Guest of " + "x" * 30 + "…"
    assert [as_told(each) for each in (None, True, {"a": 1}, ["x"], 7)] == ["", "", "", "", "7"]


def test_translates_words_of_items_however_they_are_spelled() -> None:
    recipe = Recipe(shipped_mapping(), "LearnerPersonals", "basic_details")
    assert recipe.record({"GenderCategory": "male"}) == {"sex": "M"}


def test_hands_on_what_a_row_of_the_roll_says_that_is_not_known(source: SimsPrimarySource) -> None:
    year = {"ExternalID": "Y", "Description": "Year 3"}
    known = source.roll_entry(row(OnRollState="leaver", CurrentYearGroup=year))
    assert known == OnRoll(external_id="p1", state="Leaver", year_group_id="Y", year_group="Year 3")
    for said, told in (("Guest", "Guest"), (None, ""), ({"a": 1}, ""), (["Current"], ""), (5, "5")):
        assert source.roll_entry(row(OnRollState=said, CurrentYearGroup="3")) == OnRoll("p1", "", said=told)


def test_hands_on_a_mark_without_a_session_or_a_code_and_removes_nothing_by_it(
    source: SimsPrimarySource,
) -> None:
    assert source.mark(row(Event={"ExternalID": "S"}, AttendanceCode={"ExternalID": "C"})) == MarkRow(
        "p1", "S", "C"
    )
    for event in (None, {}, "S", {"ExternalID": None}, {"ExternalID": {"a": 1}}, {"ExternalID": "a\x00"}):
        assert source.mark(row(Event=event, AttendanceCode={"ExternalID": "C"})) == MarkRow("p1", "", "C")
    for code in (None, {}, "/", {"ExternalID": []}, {"ExternalID": True}):
        assert source.mark(row(Event={"ExternalID": "S"}, AttendanceCode=code)) == MarkRow("p1", "S", NO_CODE)


@pytest.mark.parametrize(
    ("start", "on"),
    [
        ("2026-11-02T08:50:00Z", date(2026, 11, 2)),
        ("2026-06-30T23:00:00.0000000Z", date(2026, 7, 1)),
        ("2026-06-30T23:00:00", date(2026, 6, 30)),
        *(
            (start, None)
            for start in ("2026-02-30T08:50:00Z", "0001-01-01T00:00:00", "soon", "", None, 5, {"a": 1}, [])
        ),
    ],
)
def test_gives_a_school_session_a_day_or_none(
    source: SimsPrimarySource, monkeypatch: pytest.MonkeyPatch, start: object, on: date | None
) -> None:
    rows = [{"ExternalID": "S1", "AttendableEventStart": start, "SessionName": "Morning"}]
    monkeypatch.setattr(source, "_all_rows", lambda _: rows)
    assert source.sessions(AT, AT) == {"S1": SchoolSession(on=on, name="AM", said="Morning")}


def test_takes_a_code_for_what_it_refers_to_and_for_nothing_else(
    source: SimsPrimarySource, monkeypatch: pytest.MonkeyPatch
) -> None:
    statutory = [{"ExternalID": "S-X", "Code": "X"}, {"ExternalID": "s-odd", "Code": {"a": 1}}]
    own = [
        {
            "ExternalID": "1",
            "Code": "X01",
            "StatutoryAttendanceCode": {"ExternalID": "S-X", "Description": "?"},
        },
        {
            "ExternalID": "2",
            "Code": "I02",
            "StatutoryAttendanceCode": {"ExternalID": "gone", "Description": "I"},
        },
        {"ExternalID": "3", "Code": "I03", "StatutoryAttendanceCode": {"Description": "Illness"}},
        {"ExternalID": "4", "Code": "I", "StatutoryAttendanceCode": None},
        {"ExternalID": "5", "Code": ["I"], "StatutoryAttendanceCode": {"ExternalID": "s-odd"}},
    ]
    monkeypatch.setattr(source, "_all_rows", lambda link: statutory if "Statutory" in link else own)
    assert source.attendance_codes() == {
        "1": SchoolCode("X01", "X"),
        "2": SchoolCode("I02", "I"),
        "3": SchoolCode("I03", "Illness"),
        "4": SchoolCode("I", ""),
        "5": SchoolCode("", ""),
    }


def test_places_nobody_by_an_id_that_no_message_can_carry() -> None:
    ids = ["p1", "p\x002", "p\ufffd3", "x" * 61, None]
    body = json.dumps({"value": [{"ExternalID": "r\x00", "Learner": {"ExternalID": each}} for each in ids]})
    found = Envelopes(SETTINGS).unpack(
        body.encode(), domain="X", pupil="Learner/ExternalID", row="ExternalID"
    )
    assert [(each.pupil, each.row_id) for each in found.rows] == [("p1", "")]
    assert found.unplaced == 4


def test_reads_a_number_of_any_length() -> None:
    assert odd_json.decoded(b'{"a":' + b"9" * 5000 + b"}") == {"a": "9" * 5000}
