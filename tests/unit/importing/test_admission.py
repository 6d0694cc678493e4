"""What of a message may come in, on plain values."""

from __future__ import annotations

from datetime import date

import pytest
from tests.landing import ADDRESS, OTHER_ADDRESS, pupil

from schoolgate.importing.admission import Gate, admit, is_in_cohort, left_lately, may_send
from schoolgate.runs.reasons import LEFT, NEVER_SENT, NOT_ON_ROLL, OUTSIDE_COHORT
from schoolgate.tasks.cohorts import Cohort
from schoolgate_message.records import DayMarks

TODAY = date(2026, 11, 23)
LATELY = [{"entry_on": "2026-09-01", "leaving_on": "2026-11-02"}]
LONG_AGO = [{"entry_on": "2019-09-01", "leaving_on": "2025-07-21"}]
MARKS = [DayMarks(on="2026-11-20", am="/", pm="\\")]


def gate(**told):
    given = {
        "states": {},
        "last_states": {},
        "is_whole": False,
        "sent_before": frozenset(),
        "cohort": Cohort(),
        "is_chosen": False,
        "reach_on": date(2026, 8, 23),
        **told,
    }
    return Gate(**given)


def test_lets_a_current_pupil_in_with_all_that_came():
    sent = pupil("twin one", address=ADDRESS, marks=MARKS)
    assert admit(sent, gate()).pupil is sent
    assert admit(sent, gate()).left_out == {}


def test_leaves_a_leaver_of_long_ago_who_was_never_sent_outside():
    sent = pupil("twin one", address=ADDRESS, enrolments=LONG_AGO, marks=MARKS)
    found = admit(sent, gate(states={"p-001": "Leaver"}))
    assert found.is_nobody
    assert found.left_out[NEVER_SENT] == {
        "identifiers": 1,
        "basic_details": 1,
        "address": 1,
        "enrolments": 1,
        "attendance": 2,
    }


def test_takes_the_leaving_alone_of_one_who_joined_and_left_lately():
    sent = pupil("twin one", address=ADDRESS, enrolments=LATELY)
    found = admit(sent, gate(states={"p-001": "Leaver"}))
    assert list(found.pupil.blocks) == ["enrolments"]
    assert found.left_out == {LEFT: {"identifiers": 1, "basic_details": 1, "address": 1}}


def test_takes_no_leaver_never_sent_where_only_some_years_are_asked_for():
    sent = pupil("twin one", enrolments=LATELY)
    assert admit(sent, gate(states={"p-001": "Leaver"}, cohort=Cohort(nc_years=("3",)))).is_nobody


def test_takes_the_enrolment_and_the_marks_of_a_leaver_who_was_sent_before():
    sent = pupil("twin one", address=ADDRESS, enrolments=LONG_AGO, marks=MARKS, with_identity=False)
    found = admit(sent, gate(states={"p-001": "Leaver"}, sent_before={"p-001"}))
    assert list(found.pupil.blocks) == ["enrolments"]
    assert found.pupil.marks == tuple(MARKS)
    assert found.left_out == {LEFT: {"address": 1}}


def test_goes_by_the_last_roll_where_the_message_names_nobody():
    sent = pupil("twin one", address=OTHER_ADDRESS, with_identity=False)
    told = {"last_states": {"p-001": "Leaver"}, "sent_before": {"p-001"}}
    assert admit(sent, gate(**told)).left_out == {LEFT: {"address": 1}}


def test_takes_nothing_of_somebody_whom_a_whole_roll_does_not_name_but_a_delete():
    sent = pupil("twin one", address=ADDRESS, with_identity=False, deleted=["sen_needs"])
    found = admit(sent, gate(states={"p-002": "Current"}, is_whole=True))
    assert found.left_out == {NOT_ON_ROLL: {"address": 1}}
    assert found.pupil.deleted == ("sen_needs",)
    assert not found.is_nobody


@pytest.mark.parametrize(
    ("cohort", "blocks", "is_outside"),
    [
        (Cohort(nc_years=("4",)), {"enrolments": [{"nc_year": "3"}]}, True),
        (Cohort(nc_years=("4",)), {"enrolments": [{"nc_year": "4"}]}, False),
        (Cohort(nc_years=("4",)), {"address": ADDRESS}, False),
        (Cohort(is_looked_after_only=True), {"looked_after": {"in_care": False}}, True),
        (Cohort(is_looked_after_only=True), {"looked_after": {"in_care": True}}, False),
        (Cohort(is_leavers=True), {"address": ADDRESS}, True),
    ],
)
def test_leaves_out_who_says_not_to_belong_to_the_cohort_asked_for(cohort, blocks, is_outside):
    found = admit(pupil("twin one", **blocks), gate(cohort=cohort, sent_before={"p-001"}))
    assert (OUTSIDE_COHORT in found.left_out) is is_outside


def test_lets_in_whom_the_source_was_asked_for_whatever_year_it_writes():
    found = admit(
        pupil("twin one", enrolments=[{"nc_year": "3"}]), gate(cohort=Cohort(nc_years=("4",)), is_chosen=True)
    )
    assert not found.left_out


def test_drops_historic_send_where_the_task_says_so():
    old = {"provision": "K", "start_on": "2020-01-08"}
    new = {"provision": "E", "start_on": "2026-02-02"}
    sent = pupil("twin one", sen_provisions=[old, new])
    found = admit(sent, gate(cohort=Cohort(is_historic_send_left_out=True)))
    assert found.pupil.blocks["sen_provisions"] == [new]
    assert found.historic == {"sen_provisions": 1}
    assert len(sent.blocks["sen_provisions"]) == 2


def test_lets_a_leaver_send_the_enrolment_and_late_marks_alone() -> None:
    assert may_send("enrolments", state="Leaver")
    assert may_send("attendance", state="Leaver")
    assert not may_send("address", state="Leaver")
    assert may_send("address", state="Current")


@pytest.mark.parametrize(
    ("year", "years", "state", "was_sent", "belongs"),
    [
        ("3", (), "Current", False, True),
        ("", (), "Leaver", True, True),
        ("", (), "Leaver", False, False),
        ("3", (), "Leaver", False, False),
        ("3", ("3", "4"), "Current", False, True),
        ("5", ("3", "4"), "Current", True, False),
        ("", ("3", "4"), "Current", True, False),
        ("", ("3", "4"), "Leaver", True, True),
        ("", ("3", "4"), "Leaver", False, False),
    ],
)
def test_tells_who_belongs_to_a_cohort(year, years, state, was_sent, belongs) -> None:
    assert is_in_cohort(year, nc_years=years, state=state, was_sent_before=was_sent) is belongs


@pytest.mark.parametrize(
    ("rows", "lately"),
    [
        ([{"leaving_on": "2026-08-23"}], True),
        ([{"leaving_on": "2026-08-22"}], False),
        ([{"leaving_on": "2026-08-23T00:00:00Z"}], True),
        ([{"leaving_on": "2025-07-21"}, {"leaving_on": "2026-11-02"}], True),
        ([{"leaving_on": None}, {"entry_on": "2026-09-01"}], False),
        ([], False),
        ({"leaving_on": "2026-11-02"}, True),
    ],
)
def test_tells_a_leaver_of_late_from_one_of_the_past(rows, lately) -> None:
    assert left_lately(rows, since=date(2026, 8, 23)) is lately


@pytest.mark.parametrize(
    ("leaving_on", "is_late"),
    [
        ("2026-08-22T23:30:00Z", True),
        ("2026-08-22T22:30:00Z", False),
        ("9999-12-31T00:00:00", False),
        ("0001-01-01", False),
        ("2026-11-02junk", False),
        ({"at": "2026-11-02"}, False),
        (None, False),
    ],
)
def test_takes_for_a_late_leaving_only_what_is_a_day(leaving_on, is_late):
    assert left_lately([{"leaving_on": leaving_on}], since=date(2026, 8, 23)) is is_late
