"""One odd value costs one value: the pupil, the item or the mark it is of is told, and the school goes on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.bent import BentSource, bent
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, collected, done, planned

from schoolgate.attendance.models import AttendanceYear
from schoolgate.bases.models import Base
from schoolgate.blocks.queries import outstanding
from schoolgate.collecting.books import MOST_PROBLEMS
from schoolgate.holding.models import HeldItem
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import TABLES
from schoolgate.runs.left_out import left_out_of
from schoolgate.runs.models import Run, RunException
from schoolgate.runs.states import LogStatus, Stage

pytestmark = pytest.mark.django_db(transaction=True)

EXPORTED, EXCEPTIONS, NOTHING = (
    LogStatus.SUCCESSFULLY_EXPORTED.value,
    LogStatus.EXPORTED_WITH_EXCEPTIONS.value,
    LogStatus.NOTHING_CHANGED.value,
)
ROLL, SESSIONS, RECORDS = "LearnerIdentifiers", "StatutoryAttendanceSessions", "AttendanceRecords"
ATTENDANCE = "attendance_changed_data"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=1, pupils=30) as found:
        yield found


@pytest.fixture
def source(sandbox: Sandbox) -> Iterator[BentSource]:
    sandbox.heal()
    with bent(sandbox.url) as found:
        yield found


@pytest.fixture
def base(sandbox: Sandbox, source: BentSource) -> Base:
    beside = Sandbox(url=source.url, process=sandbox.process)
    return base_of(beside, sandbox.schools()[0])


def put(find: str, by: str | bytes, *, times: int = 0) -> Callable[[bytes], bytes]:
    told = by if isinstance(by, bytes) else by.encode()
    return lambda body: re.sub(find.encode(), told, body, count=times)


def rows(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[bytes], bytes]:
    """Change the rows of a page as values."""

    def bend(body: bytes) -> bytes:
        page = json.loads(body)
        change(page["value"])
        return json.dumps(page).encode()

    return bend


def codes_of(run: Run) -> set[str]:
    return set(RunException.objects.filter(run=run).exclude(kind="left out").values_list("code", flat=True))


def terms_of(run: Run, group: str) -> dict[str, int]:
    found = run.accounts.get(group=group)
    return {
        name: getattr(found, name) for name in ("received", "written", "refused", "left_out", "unchanged")
    }


def marks_held() -> int:
    return sum(
        len(each) - each.count("-") - each.count("#")
        for each in AttendanceYear.objects.values_list("marks", flat=True)
    )


# The roll


@pytest.mark.parametrize("kind", ["snapshot", "changed_data", ATTENDANCE])
def test_ends_nothing_of_a_pupil_whose_state_has_become_an_unknown_word(
    source: BentSource, base: Base, kind: str
) -> None:
    done(base, "snapshot")
    before = dict(ExternalId.objects.values_list("external_id", "roll_state"))
    source.bend(ROLL, put('"OnRollState":"Current"', '"OnRollState":"Guest"', times=1))
    for _ in range(2):
        run = done(base, kind)
        assert (run.status, codes_of(run), run.is_balanced) == (EXCEPTIONS, {"roll.unknown_state"}, True)
        told = RunException.objects.get(run=run, code="roll.unknown_state")
        assert "“Guest”" in told.sentence
        assert dict(ExternalId.objects.values_list("external_id", "roll_state")) == before
        assert not HeldItem.objects.exists()


def test_leaves_out_a_new_pupil_whose_state_is_an_unknown_word_until_it_is_known(
    source: BentSource, base: Base
) -> None:
    source.bend(ROLL, put('"OnRollState":"Current"', '"OnRollState":"Guest"', times=1))
    run = done(base, "snapshot")
    assert (run.status, codes_of(run)) == (EXCEPTIONS, {"roll.unknown_state"})
    (left,) = {each.external_id for each in left_out_of(run)[0] if "state that is not known" in each.reason}
    assert terms_of(run, "basic_details")["left_out"] >= 1
    assert not ExternalId.objects.filter(external_id=left).exists()
    source.straighten()
    assert done(base, "snapshot").status == EXPORTED
    assert ExternalId.objects.get(external_id=left).roll_state == "Current"


def test_takes_a_state_in_other_letters_for_the_same(source: BentSource, base: Base) -> None:
    source.bend(ROLL, put('"OnRollState":"Current"', '"OnRollState":" CURRENT"'))
    run = done(base, "snapshot")
    assert (run.status, codes_of(run)) == (EXPORTED, set())


def test_collects_nothing_where_no_state_is_known_and_says_which_words_came(
    source: BentSource, base: Base
) -> None:
    done(base, "snapshot")
    source.bend(ROLL, put('"OnRollState":"[A-Za-z]+"', '"OnRollState":"Guest"'))
    run = collected(planned(base, "snapshot"))
    assert (run.stage, run.exception_code) == (Stage.FAILED.value, "source.roll_states_unknown")
    assert "Guest" in run.exception_sentence
    assert not HeldItem.objects.exists()


@pytest.mark.parametrize("named", [r"Y\1", r"Year \1", r"Yr\1", r"yr. \1", r"YEAR 0\1"])
def test_finds_year_groups_by_their_words(
    sandbox: Sandbox, source: BentSource, base: Base, named: str
) -> None:
    source.bend("LearnerGroups", put(r'"ShortName":"(\d)"', f'"ShortName":"{named}"'))
    source.bend(ROLL, put(r'"Description":"[^"]*"', '"Description":"Otters"'))
    run = done(base, "snapshot", nc_years=("3", "4"))
    pupils = sandbox.control(f"/truth/{base.dfe_number}")["pupils"]
    there = [each for each in pupils if each["year"] in {"3", "4"} and each["on_roll"] == "Current"]
    assert (run.status, run.pupils_read) == (EXPORTED, len(there))
    assert there


def test_says_so_where_no_year_group_is_known(source: BentSource, base: Base) -> None:
    source.bend("LearnerGroups", put(r'"ShortName":"[^"]*"', '"ShortName":"Otters"'))
    source.bend(ROLL, put(r'"Description":"[^"]*"', '"Description":"Otters"'))
    run = collected(planned(base, "snapshot", nc_years=("3", "4")))
    assert (run.stage, run.exception_code) == (Stage.FAILED.value, "source.year_groups_unknown")
    assert "Otters" in run.exception_sentence


def test_tells_of_one_year_group_that_is_not_known(source: BentSource, base: Base) -> None:
    source.bend("LearnerGroups", put(r'"ShortName":"3"', '"ShortName":"Otters"'))
    source.bend(ROLL, put(r'"Description":"Year 3"', '"Description":"Otters"'))
    run = done(base, "snapshot", nc_years=("3", "4"))
    assert run.status == EXCEPTIONS
    assert codes_of(run) == {"roll.unknown_year"}
    assert run.pupils_read > 0


# Blocks


ODD = {
    "a byte of another encoding": (b'"Surname":"Ren\xe9e"', 1),
    "half a surrogate pair": (rb'"Surname":"A\\ud83d"', 1),
    "a nought": (rb'"Surname":"A\\u0000B"', 1),
    "a non-character": (rb'"Surname":"A\\ufffeB"', 1),
    "an object": (b'"Surname":{"Text":"A"}', 1),
    "a list": (b'"Surname":["A"]', 1),
    "a truth": (b'"Surname":true', 1),
    "a number of thousands of digits": (b'"Surname":' + b"9" * 5000, 1),
}


@pytest.mark.parametrize("odd", ODD)
def test_refuses_the_block_with_an_odd_text_and_lands_the_rest(
    source: BentSource, base: Base, odd: str
) -> None:
    by, times = ODD[odd]
    source.bend("LearnerContacts", put('"Surname":"[^"]+"', by, times=times))
    run = done(base, "snapshot")
    assert run.status == EXCEPTIONS
    terms = terms_of(run, "contacts")
    assert (terms["refused"], terms["received"] - terms["written"]) == (1, 1 + terms["left_out"])
    told = RunException.objects.get(run=run, kind="refused")
    assert (told.group, told.item, told.external_id != "") == ("contacts", "family_name", True)
    assert TABLES["address"].objects.exists()
    assert [each[:2] for each in outstanding(base.pk, source=base.source)] == [(told.external_id, "contacts")]
    source.straighten()
    assert done(base, "snapshot").status == EXPORTED
    assert not outstanding(base.pk, source=base.source)


def test_takes_an_instant_for_a_day_in_london_and_9999_for_no_leaving(source: BentSource, base: Base) -> None:
    source.bend(
        "LearnerPersonals", put(r'"DateOfBirth":"[\d-]+"', '"DateOfBirth":"2016-06-30T23:00:00Z"', times=1)
    )
    source.bend("LearnerEnrolments", put(r'"LeavingDate":null', '"LeavingDate":"9999-12-31T00:00:00"'))
    source.bend(
        "LearnerEnrolments",
        put(r'("EntryDate":"[0-9-]+")(?!,"LeavingDate)', r'\1,"LeavingDate":"9999-12-31T00:00:00"'),
    )
    run = done(base, "snapshot")
    assert run.status == EXPORTED
    assert TABLES["basic_details"].objects.filter(date_of_birth="2016-07-01").exists()
    assert not TABLES["enrolments"].objects.filter(leaving_on__year=9999).exists()
    assert TABLES["enrolments"].objects.filter(leaving_on=None).exists()


# Marks


def test_reads_sessions_by_their_words(source: BentSource, base: Base) -> None:
    done(base, "snapshot")
    source.bend(SESSIONS, put('"SessionName":"AM"', '"SessionName":"Morning"'))
    source.bend(SESSIONS, put('"SessionName":"PM"', '"SessionName":"pm session"'))
    run = done(base, ATTENDANCE)
    terms = terms_of(run, "attendance")
    assert (run.status, terms["refused"], terms["written"]) == (
        EXPORTED,
        0,
        terms["received"] - terms["left_out"],
    )
    assert marks_held() > 0


ODD_MARKS: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "a session with another name": (
        SESSIONS,
        put('"SessionName":"AM"', '"SessionName":"Registration 1"'),
        "attendance.unknown_half",
    ),
    "sessions without a start": (
        SESSIONS,
        put(r'"AttendableEventStart":"[^"]*",', "", times=3),
        "attendance.no_day",
    ),
    "an impossible start": (
        SESSIONS,
        put(r'"AttendableEventStart":"[^"]*"', '"AttendableEventStart":"2026-02-30T08:50:00Z"', times=3),
        "attendance.no_day",
    ),
    "a start that is an object": (
        SESSIONS,
        put(r'"AttendableEventStart":"[^"]*"', '"AttendableEventStart":{"at":1}', times=3),
        "attendance.no_day",
    ),
    "a start of another century": (
        SESSIONS,
        put(r'"AttendableEventStart":"\d{4}', '"AttendableEventStart":"1813', times=3),
        "attendance.day_out_of_time",
    ),
    "sessions that are not listed": (
        SESSIONS,
        put(r'"ExternalID":"[^"]*"', '"ExternalID":"00000000-0000-4000-8000-00000000000b"', times=3),
        "attendance.unknown_session",
    ),
    "a mark without a session": (
        RECORDS,
        put(r'"Event":\{[^}]*\}', '"Event":null', times=1),
        "attendance.no_session",
    ),
    "a mark without a code": (
        RECORDS,
        put(r'"AttendanceCode":\{[^}]*\}', '"AttendanceCode":null', times=1),
        "attendance.unknown_code",
    ),
    "a mark whose code is a text": (
        RECORDS,
        put(r'"AttendanceCode":\{[^}]*\}', '"AttendanceCode":"/"', times=1),
        "attendance.unknown_code",
    ),
}


@pytest.mark.parametrize("odd", ODD_MARKS)
def test_refuses_the_marks_that_cannot_be_placed_and_lands_the_others(
    source: BentSource, base: Base, odd: str
) -> None:
    done(base, "snapshot")
    path, bend, code = ODD_MARKS[odd]
    source.bend(path, bend)
    run = done(base, ATTENDANCE)
    assert codes_of(run) == {code}
    assert run.status == EXCEPTIONS
    terms = terms_of(run, "attendance")
    told = RunException.objects.filter(run=run, kind="refused")
    assert told.count() == min(terms["refused"], MOST_PROBLEMS) > 0
    assert terms["written"] == terms["received"] - terms["refused"] - terms["left_out"] > 0
    waiting = {
        external_id
        for external_id, group, _ in outstanding(base.pk, source=base.source)
        if group == "attendance"
    }
    assert waiting >= set(told.values_list("external_id", flat=True)) != set()
    source.straighten()
    again = done(base, ATTENDANCE)
    assert codes_of(again) == set()
    assert not outstanding(base.pk, source=base.source)


def test_refuses_the_marks_of_a_code_that_stands_for_no_statutory_one(source: BentSource, base: Base) -> None:
    done(base, "snapshot")
    source.bend(
        "StatutoryAttendanceCode",
        put(
            r'"ExternalID":"[^"]+","Code":"I"',
            '"ExternalID":"00000000-0000-4000-8000-00000000000a","Code":"I"',
        ),
    )
    source.bend(
        "Lookup/Attendance/AttendanceCode",
        put(
            r'"StatutoryAttendanceCode":\{"Description":"I"',
            '"StatutoryAttendanceCode":{"Description":"Illness (not medical)"',
        ),
    )
    run = done(base, ATTENDANCE)
    refused = RunException.objects.filter(run=run, kind="refused")
    assert {each.details["code"][:1] for each in refused} == {"I"}
    assert all(each.item and each.details["on"] for each in refused)
    terms = terms_of(run, "attendance")
    assert terms["refused"] == refused.count() > 0
    assert terms["written"] == terms["received"] - terms["refused"] - terms["left_out"] > 0
    assert not any("I" in marks for marks in AttendanceYear.objects.values_list("marks", flat=True))
