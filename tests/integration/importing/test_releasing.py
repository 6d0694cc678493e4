"""Releasing what waits: it lands as a file of its own; and what is clear by now is decided by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, changes, held, identity, keys, land, pupil
from tests.waiting import absence, block, delete, marks, pupil_of, put

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.attendance.models import AttendanceYear
from schoolgate.audit.models import Event, RecordChange
from schoolgate.bases.models import Base
from schoolgate.blocks.models import Outstanding
from schoolgate.holding.actions import refuse
from schoolgate.holding.causes import ANOTHER_CHILD, CAUSES, HAS_LEFT, SAME_PUPIL
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.queries import entries_that_wait, released
from schoolgate.holding.refusals import HeldRefusedError
from schoolgate.importing.actions import land_run
from schoolgate.importing.causes_gone import close_gone
from schoolgate.importing.releasing import release
from schoolgate.matching.models import ExternalId
from schoolgate.runs.actions import take_up
from schoolgate.runs.models import Run
from schoolgate.runs.states import Stage
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
TWIN = keys("twin one").external_id
ENROLLED = {"entry_on": "2023-09-05", "enrolment_status": "C", "nc_year": "3"}


def carry_out(run_id: int) -> Run:
    """Land the run of a release as a worker would."""
    run = take_up(run_id, stage=Stage.LANDING, worker="test", now=LATER)
    assert run is not None
    land_run(run_id=run.pk, attempt=run.attempt, now=LATER)
    run.refresh_from_db()
    return run


def roll_state(base: Base, who: str) -> str:
    return ExternalId.objects.get(base=base, external_id=keys(who).external_id).roll_state


def doubted(base: Base) -> HeldEntry:
    """Both twins are known at the base, and what it sent last of each waits."""
    land(base, pupil("twin one", address=ADDRESS), pupil("twin two", address=ADDRESS))
    return put(
        base,
        block("twin one", "address", OTHER_ADDRESS, pupil_id=pupil_of(base, "twin one")),
        block("twin one", "sen_needs", [], pupil_id=pupil_of(base, "twin one")),
        block("twin two", "address", OTHER_ADDRESS, pupil_id=pupil_of(base, "twin two")),
    )


def test_lands_what_waits_as_a_file_of_its_own_asked_for_by_the_officer():
    base, officer = cast.base(), cast.officer()
    entry = doubted(base)
    done = release(entry.pk, by=officer.pk, reason="The surname changed.", now=LATER)
    assert done.pupils == 2
    [run_id] = done.run_ids
    run = Run.objects.get(pk=run_id)
    assert (run.origin, run.requested_by, run.stage, run.data_type) == (
        "release",
        officer.pk,
        "due",
        "changed_data",
    )
    assert ProcrastinateJob.objects.filter(args__run_id=run_id).count() == 1
    run = carry_out(run_id)
    assert run.status == "exported"
    assert changes(run) == [("address", "changed"), ("address", "changed")]
    assert held(base, "twin one", "address") == OTHER_ADDRESS
    event = Event.objects.get(name="holding.entry.released")
    assert (event.user_id, event.subject_id, event.details["run_id"]) == (officer.pk, entry.pk, run_id)


def test_releases_some_pupils_and_lets_the_others_wait():
    base = cast.base()
    entry = doubted(base)
    done = release(entry.pk, by=7, reason="It is she.", now=LATER, external_ids=[TWIN])
    assert released(done.run_ids[0]).keys() == {(TWIN, "address"), (TWIN, "sen_needs")}
    carry_out(done.run_ids[0])
    assert held(base, "twin one", "address") == OTHER_ADDRESS
    assert held(base, "twin two", "address") == ADDRESS
    assert [(each.pupils) for each in entries_that_wait(EVERYTHING)] == [1]


def test_carries_out_a_delete_that_was_released():
    base = cast.base()
    enrolment = {"school_dfe_number": base.dfe_number, **ENROLLED}
    land(base, pupil("twin one", enrolments=[enrolment]))
    who = {"code": "delete.enrolments", "pupil_id": pupil_of(base, "twin one")}
    entry = put(base, delete("twin one", "enrolments", **who))
    done = release(entry.pk, by=7, reason="The school asks for it.", now=LATER)
    carry_out(done.run_ids[0])
    assert held(base, "twin one", "enrolments") is None


def test_lets_a_pupil_whose_delete_was_released_leave_and_keeps_the_name():
    base = cast.base()
    land(base, pupil("twin one"))
    entry = put(base, delete("twin one", "basic_details", pupil_id=pupil_of(base, "twin one")))
    assert release(entry.pk, by=7, reason="The school asks for it.", now=LATER).run_ids == []
    assert roll_state(base, "twin one") == "Leaver"
    assert held(base, "twin one", "basic_details")


def test_lands_marks_that_were_released():
    base = cast.base()
    land(base, pupil("twin one"))
    entry = put(base, marks("twin one", DayMarks(on="2026-11-20", am="/", pm="N")))
    done = release(entry.pk, by=7, reason="It is she.", now=LATER)
    run = carry_out(done.run_ids[0])
    assert run.data_type == "attendance_changed_data"
    [year] = AttendanceYear.objects.filter(pupil_id=pupil_of(base, "twin one"))
    assert year.marks.strip("-") == "/N"


def test_calls_a_pupil_who_has_left_a_leaver_and_changes_nothing_of_the_record():
    base = cast.base()
    enrolment = {"school_dfe_number": base.dfe_number, **ENROLLED}
    land(base, pupil("twin one", enrolments=[enrolment]))
    pupil_id = pupil_of(base, "twin one")
    entry = put(base, absence("twin one", pupil_id=pupil_id))
    before = RecordChange.objects.count()
    done = release(entry.pk, by=7, reason="Moved to Kent.", now=LATER)
    assert (done.pupils, done.run_ids) == (1, [])
    assert roll_state(base, "twin one") == "Leaver"
    assert held(base, "twin one", "enrolments") == [enrolment]
    change = RecordChange.objects.latest("id")
    assert RecordChange.objects.count() == before + 1
    assert (change.pupil_id, change.group, change.before, change.after, change.user_id) == (
        pupil_id,
        "link",
        {"external_id": TWIN, "source": "sims_primary", "roll_state": "Current"},
        {"external_id": TWIN, "source": "sims_primary", "roll_state": "Leaver"},
        7,
    )
    entry.refresh_from_db()
    assert (entry.state, HeldItem.objects.get(entry=entry).decision) == ("released", HAS_LEFT)


def test_has_the_other_school_heard_of_a_pupil_who_has_left_by_no_run_but_by_the_decision():
    base, other = cast.base(), cast.base("Beckside Primary")
    who = keys("on two rolls", external_id="x-1")
    here = {"school_dfe_number": base.dfe_number, **ENROLLED, "enrolment_status": "M"}
    there = {"school_dfe_number": other.dfe_number, **ENROLLED, "enrolment_status": "S"}
    land(base, pupil("on two rolls", address=ADDRESS, enrolments=[here]))
    land(other, pupil(who, with_identity=False, address=OTHER_ADDRESS, enrolments=[there]))
    entry = put(base, absence("on two rolls", pupil_id=pupil_of(base, "on two rolls")))
    release(entry.pk, by=7, reason="Moved to Beckside.", now=LATER)
    waits = Outstanding.objects.get(base=other)
    assert (waits.external_id, waits.group, waits.run_id) == ("x-1", "address", None)


def test_asks_which_of_two_ways_is_meant():
    base = cast.base()
    code = "match.two_schools"
    entry = put(base, block("twin one", "address", ADDRESS, code=code))
    with pytest.raises(HeldRefusedError) as caught:
        release(entry.pk, by=7, reason="It is she.", now=LATER)
    assert caught.value.code == "held.no_decision"
    done = release(entry.pk, by=7, reason="A cousin.", now=LATER, decision=ANOTHER_CHILD)
    assert {each.decision for each in released(done.run_ids[0]).values()} == {ANOTHER_CHILD}


def test_refuses_a_release_without_a_reason_or_by_a_way_the_cause_does_not_know():
    entry = put(cast.base(), absence("twin one"))
    for told in ({"reason": " "}, {"reason": "Yes.", "decision": ANOTHER_CHILD}):
        with pytest.raises(HeldRefusedError):
            release(entry.pk, by=7, now=LATER, **told)
    assert [each.pupils for each in entries_that_wait(EVERYTHING)] == [1]


def test_knows_for_every_cause_what_releasing_and_refusing_does():
    for cause in CAUSES.values():
        assert cause.decisions
        assert all((cause.label, cause.sentence, cause.remedy, cause.refusing))
        assert all(each.label and each.does for each in cause.decisions)


@pytest.mark.parametrize("is_refused", [False, True])
def test_ends_an_absence_when_the_pupil_is_back_on_the_roll(is_refused):
    base = cast.base()
    entry = absent(base)
    assert close_gone(now=LATER) == 0
    if is_refused:
        refuse(entry.pk, by=7, reason="She is here.", now=LATER)
    land(base, pupil("twin one"), now=LATER)
    assert HeldItem.objects.get(entry=entry).state == "ended"
    assert close_gone(now=LATER) == 0
    entry.refresh_from_db()
    assert (entry.state, entry.reason) == (
        ("refused", "She is here.") if is_refused else ("closed", "The pupil is back on the roll.")
    )


def test_ends_an_absence_when_the_leaving_date_has_come():
    base = cast.base()
    entry = absent(base)
    left = {"school_dfe_number": base.dfe_number, **ENROLLED, "leaving_on": "2026-11-20"}
    land(base, pupil("twin one", enrolments=[left]), roll={}, now=LATER)
    assert close_gone(now=LATER) == 1
    entry.refresh_from_db()
    assert (entry.state, entry.reason) == ("closed", "The school has sent the leaving date.")


def test_ends_an_absence_when_the_pupil_is_current_elsewhere():
    base, other = cast.base(), cast.base("Millbrook Primary")
    entry = absent(base)
    land(other, pupil("twin one"), now=LATER)
    assert close_gone(now=LATER) == 1
    entry.refresh_from_db()
    assert (entry.state, entry.reason) == ("closed", "Another school lists the pupil as Current.")


def test_keeps_the_absence_of_a_pupil_who_is_nowhere():
    entry = absent(cast.base())
    land(cast.base("Millbrook Primary"), pupil("twin two"), now=LATER)
    assert close_gone(now=LATER) == 0
    entry.refresh_from_db()
    assert entry.state == "open"


def test_releases_by_itself_a_child_of_two_schools_whom_one_of_them_lists_as_a_leaver():
    old, new = cast.base(), cast.base("Millbrook Primary")
    entry = on_two_rolls(old, new)
    assert close_gone(now=LATER) == 0
    land(old, pupil("no UPN"), roll={keys("no UPN").external_id: "Leaver"}, now=LATER)
    assert close_gone(now=LATER) == 1
    item = HeldItem.objects.filter(entry=entry).first()
    assert item is not None
    assert (item.decision, item.decided_by, item.reason) == (
        SAME_PUPIL,
        None,
        "The other school no longer lists the child as Current.",
    )
    [run] = Run.objects.filter(origin="release")
    assert (run.base_id, run.requested_by) == (new.pk, None)
    assert close_gone(now=LATER) == 0


def test_does_not_release_by_itself_while_the_roll_of_the_other_school_has_told_no_state():
    old, new = cast.base(), cast.base("Millbrook Primary")
    on_two_rolls(old, new)
    ExternalId.objects.filter(base=old).update(roll_state="")
    assert close_gone(now=LATER) == 0
    assert not Run.objects.filter(origin="release").exists()


def test_releases_by_itself_a_child_of_two_schools_who_has_one_permanent_upn_at_both():
    old, new = cast.base(), cast.base("Millbrook Primary")
    sent = keys("twin one")
    land(old, pupil("twin one"))
    other_id = keys("twin one", external_id="q-001")
    waiting = block(
        other_id,
        "basic_details",
        identity(sent)["basic_details"],
        code="match.two_schools",
        pupil_id=pupil_of(old, "twin one"),
    )
    put(new, waiting)
    assert close_gone(now=LATER) == 1
    assert Run.objects.get(origin="release").base_id == new.pk


def absent(base: Base) -> HeldEntry:
    """A pupil whom a complete roll no longer named, so that the absence waits."""
    enrolment = {"school_dfe_number": base.dfe_number, **ENROLLED}
    land(base, pupil("twin one", enrolments=[enrolment]))
    ExternalId.objects.filter(base=base).update(roll_state="Absent")
    return put(base, absence("twin one", pupil_id=pupil_of(base, "twin one")))


def on_two_rolls(old: Base, new: Base) -> HeldEntry:
    """A child without a UPN whom both schools list as Current; the second's blocks wait."""
    land(old, pupil("no UPN"))
    other_id = keys("no UPN", external_id="q-003")
    pupil_id = pupil_of(old, "no UPN")
    return put(
        new,
        block(
            other_id,
            "basic_details",
            identity(other_id)["basic_details"],
            code="match.two_schools",
            pupil_id=pupil_id,
        ),
        block(other_id, "address", ADDRESS, code="match.two_schools", pupil_id=pupil_id),
    )
