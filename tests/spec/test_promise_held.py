"""# What only a person can decide waits, and nothing else does

Doubted ids, deletes and removals wait in one list; what waits is kept, asked for no more and told once. A
person releases it or refuses it; where its cause goes, it is settled by itself.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import (
    ADDRESS,
    OTHER_ADDRESS,
    account,
    codes,
    enrolled,
    held,
    keys,
    land,
    pupil,
    who_is,
)

from schoolgate.audit.models import RecordChange
from schoolgate.blocks.models import Outstanding
from schoolgate.holding.actions import refuse
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.refusals import HeldRefusedError
from schoolgate.importing.actions import land_run
from schoolgate.importing.causes_gone import close_gone
from schoolgate.importing.releasing import release
from schoolgate.pupils.models import Pupil
from schoolgate.runs.actions import take_up
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin, Stage
from schoolgate_message.records import DayMarks, MatchKeys

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (cast.NOW + timedelta(days=days) for days in range(4))
STRANGER = keys("an apostrophe", external_id="p-001", upn=keys("twin two").upn)
"""Another child altogether under the id of the first."""
NEEDS = [{"rank": 1, "need_type": "SLCN"}]
MARKS = [DayMarks(on="2026-11-19", am="/", pm="\\")]


def decided(entry, *, now, **how):
    """Release an entry, and land what that brings."""
    done = release(entry.pk, by=cast.officer().pk, reason="asked the school", now=now, **how)
    return [landed(run_id, now=now) for run_id in done.run_ids]


def landed(run_id, *, now):
    taken = take_up(run_id, stage=Stage.LANDING, worker="w", now=now)
    land_run(run_id=run_id, attempt=taken.attempt, now=now)
    return Run.objects.get(pk=run_id)


def release_runs():
    found = Run.objects.filter(origin=Origin.RELEASE.value).order_by("id")
    return list(found.values_list("pk", flat=True))


def waiting():
    return set(HeldItem.objects.filter(state="waiting").values_list("external_id", "group"))


def test_a_known_id_for_another_child_touches_nothing_and_the_rest_lands():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS), pupil("no UPN"))
    before = [held(base, "twin one", name) for name in ("identifiers", "basic_details", "address")]
    run = land(base, pupil(STRANGER, address=OTHER_ADDRESS), pupil("no UPN", address=ADDRESS), now=TUESDAY)
    assert [held(base, "twin one", name) for name in ("identifiers", "basic_details", "address")] == before
    assert held(base, "no UPN", "address") == ADDRESS
    assert account(run, "address") == {"received": 2, "written": 1, "unmatched": 1}
    assert (codes(run), run.status) == (["match.doubted"], "exceptions")
    assert waiting() == {("p-001", "identifiers"), ("p-001", "basic_details"), ("p-001", "address")}
    assert not Outstanding.objects.exists()


def test_what_waits_is_told_once_and_newer_content_replaces_it():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=TUESDAY)
    again = land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=WEDNESDAY)
    assert (codes(again), again.status) == ([], "exported")
    assert account(again, "address") == {"received": 1, "unchanged": 1}
    newer = {**OTHER_ADDRESS, "paon": "99"}
    run = land(base, pupil(STRANGER, address=newer), now=THURSDAY)
    assert account(run, "address") == {"received": 1, "unmatched": 1}
    assert "99" in HeldItem.objects.get(group="address", state="waiting").content
    assert HeldEntry.objects.count() == 1


def test_a_released_id_is_believed_and_the_audit_names_the_officer():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=TUESDAY)
    [run] = decided(HeldEntry.objects.get(), now=WEDNESDAY)
    assert held(base, "twin one", "address") == OTHER_ADDRESS
    assert held(base, "twin one", "basic_details")["family_name"] == STRANGER.family_name
    assert account(run, "address") == {"received": 1, "written": 1}
    changes = RecordChange.objects.filter(run_id=run.pk, group="address")
    assert set(changes.values_list("user_id", flat=True)) == {cast.officer().pk}
    assert (HeldEntry.objects.get().state, waiting()) == ("released", set())
    later = land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=THURSDAY)
    assert account(later, "address") == {"received": 1, "unchanged": 1}


def test_what_was_refused_stays_refused_until_the_source_changes_it():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=TUESDAY)
    refuse(HeldEntry.objects.get().pk, by=cast.officer().pk, reason="a slip of the school's", now=TUESDAY)
    again = land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=WEDNESDAY)
    assert (codes(again), waiting()) == ([], set())
    assert account(again, "address") == {"received": 1, "unchanged": 1}
    land(base, pupil(STRANGER, address={**OTHER_ADDRESS, "paon": "99"}), now=THURSDAY)
    assert waiting() == {("p-001", "address")}


def test_a_school_that_mends_its_id_has_nothing_left_waiting():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=TUESDAY)
    land(base, pupil("twin one", address=ADDRESS), now=WEDNESDAY)
    assert waiting() == set()
    assert HeldEntry.objects.get().state == "closed"


def test_a_child_whom_two_schools_list_waits_until_one_of_them_lists_a_leaver():
    first, second = cast.base(), cast.base("Beckside Primary")
    who = keys("no UPN", external_id="x-1")
    land(first, pupil("no UPN", address=ADDRESS, enrolments=[enrolled(first)]))
    run = land(second, pupil(who, address=OTHER_ADDRESS, enrolments=[enrolled(second)]), now=TUESDAY)
    assert (codes(run), Pupil.objects.count()) == (["match.two_schools"], 1)
    assert held(first, "no UPN", "address") == ADDRESS
    close_gone(now=TUESDAY)
    assert release_runs() == []
    left = [enrolled(first, leaving_on="2026-11-20")]
    leaver = {keys("no UPN").external_id: "Leaver"}
    land(first, pupil("no UPN", enrolments=left), roll=leaver, now=WEDNESDAY)
    close_gone(now=WEDNESDAY)
    [run_id] = release_runs()
    landed(run_id, now=WEDNESDAY)
    assert Pupil.objects.count() == 1
    assert who_is(second, "x-1") == who_is(first, keys("no UPN").external_id)
    assert held(second, who, "address") == OTHER_ADDRESS
    assert waiting() == set()


@pytest.mark.parametrize(("decision", "pupils"), [("same pupil", 1), ("another child", 2)])
def test_a_person_says_whether_two_schools_list_one_child(decision, pupils):
    first, second = cast.base(), cast.base("Beckside Primary")
    who = keys("no UPN", external_id="x-1")
    land(first, pupil("no UPN", address=ADDRESS))
    land(second, pupil(who, address=OTHER_ADDRESS, enrolments=[enrolled(second)]), now=TUESDAY)
    decided(HeldEntry.objects.get(), decision=decision, now=WEDNESDAY)
    assert Pupil.objects.count() == pupils
    assert held(second, who, "enrolments") == [enrolled(second)]
    again = land(second, pupil(who, address=OTHER_ADDRESS), now=THURSDAY)
    assert (codes(again) == [], waiting()) == (True, set())


def test_a_released_delete_is_carried_out_and_a_row_that_is_back_ends_the_wait():
    base = cast.base()
    land(base, pupil("twin one", enrolments=[enrolled(base)]), pupil("twin two", enrolments=[enrolled(base)]))
    gone = [pupil(who, with_identity=False, deleted=["enrolments"]) for who in ("twin one", "twin two")]
    land(base, *gone, now=TUESDAY)
    [entry] = HeldEntry.objects.all()
    assert waiting() == {("p-001", "enrolments"), ("p-002", "enrolments")}, "one entry for the whole cause"
    land(base, pupil("twin two", with_identity=False, enrolments=[enrolled(base)]), now=WEDNESDAY)
    assert waiting() == {("p-001", "enrolments")}
    decided(entry, now=THURSDAY)
    assert held(base, "twin one", "enrolments") is None
    assert held(base, "twin two", "enrolments") == [enrolled(base)]


def test_a_pupil_missing_from_a_whole_roll_waits_until_back_or_said_to_have_left():
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"), pupil("no UPN"), is_complete=True)
    land(base, roll={"p-002": "Current"}, is_complete=True, now=TUESDAY)
    [entry] = HeldEntry.objects.all()
    assert len(waiting()) == 2
    land(base, roll={"p-001": "Current", "p-002": "Current"}, now=WEDNESDAY)
    close_gone(now=WEDNESDAY)
    assert waiting() == {(keys("no UPN").external_id, "")}
    decided(entry, now=THURSDAY)
    assert (HeldEntry.objects.get().state, waiting()) == ("released", set())
    assert held(base, "no UPN", "basic_details")


def test_a_missing_pupil_whom_the_next_roll_names_a_leaver_has_left_and_is_not_said_to_be_back():
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"), is_complete=True)
    land(base, roll={"p-002": "Current"}, is_complete=True, now=TUESDAY)
    land(base, roll={"p-001": "Leaver", "p-002": "Current"}, now=WEDNESDAY)
    close_gone(now=WEDNESDAY)
    assert waiting() == set()
    assert HeldItem.objects.get(external_id="p-001").reason == "The school has sent the leaving date."


def test_what_came_under_a_doubted_id_is_never_released_by_itself():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil(STRANGER, address=OTHER_ADDRESS, sen_needs=NEEDS, marks=MARKS), now=TUESDAY)
    land(base, pupil("twin one"), now=WEDNESDAY)
    close_gone(now=THURSDAY)
    assert release_runs() == []
    assert waiting() == {("p-001", "address"), ("p-001", "sen_needs"), ("p-001", "attendance")}
    assert held(base, "twin one", "address") == ADDRESS


def test_a_doubted_id_that_comes_without_a_name_stays_doubted():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil(STRANGER), now=TUESDAY)
    nameless = pupil(MatchKeys(external_id="p-001"), with_identity=False, sen_needs=NEEDS, marks=MARKS)
    run = land(base, nameless, now=WEDNESDAY)
    assert held(base, "twin one", "sen_needs") is None
    assert account(run, "attendance") == {"received": 2, "unmatched": 2}


def test_what_was_refused_of_a_doubted_id_lands_when_the_right_child_sends_it():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=TUESDAY)
    refuse(HeldEntry.objects.get().pk, by=cast.officer().pk, reason="a slip of the school's", now=TUESDAY)
    run = land(base, pupil("twin one", address=OTHER_ADDRESS), now=WEDNESDAY)
    assert account(run, "address") == {"received": 1, "written": 1}
    assert held(base, "twin one", "address") == OTHER_ADDRESS


def test_what_waits_for_one_child_is_not_written_to_another_who_has_the_id_now():
    first, second = cast.base(), cast.base("Beckside Primary")
    waits = keys("no UPN", external_id="x-1")
    land(first, pupil("no UPN"))
    land(second, pupil(waits, address=OTHER_ADDRESS, sen_needs=NEEDS), now=TUESDAY)
    now_has_it = keys("an apostrophe", external_id="x-1")
    land(second, pupil(now_has_it), now=WEDNESDAY)
    close_gone(now=WEDNESDAY)
    assert release_runs() == []
    land(first, roll={keys("no UPN").external_id: "Leaver"}, now=THURSDAY)
    close_gone(now=THURSDAY)
    for run_id in release_runs():
        landed(run_id, now=THURSDAY)
    assert held(second, now_has_it, "sen_needs") is None
    assert ("x-1", "sen_needs") in waiting()


def test_marks_that_wait_stay_when_marks_of_other_days_land():
    base = cast.base()
    land(base, pupil("twin one"))
    land(base, pupil(STRANGER, marks=MARKS), now=TUESDAY)
    land(base, pupil("twin one", marks=[DayMarks(on="2026-11-20", am="/", pm="/")]), now=WEDNESDAY)
    assert waiting() == {("p-001", "attendance")}


def test_newer_content_that_waits_is_not_ended_by_older_that_lands():
    base = cast.base()
    land(base, pupil("twin one"))
    land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=WEDNESDAY, made_at=WEDNESDAY)
    land(base, pupil("twin one", address=ADDRESS), now=THURSDAY, made_at=TUESDAY)
    assert ("p-001", "address") in waiting()


def test_newer_content_goes_on_waiting_when_what_it_replaced_was_being_released():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil(STRANGER, address=OTHER_ADDRESS), now=TUESDAY, made_at=TUESDAY)
    done = release(HeldEntry.objects.get().pk, by=cast.officer().pk, reason="asked the school", now=TUESDAY)
    newer = {**OTHER_ADDRESS, "paon": "99"}
    land(base, pupil(STRANGER, address=newer), now=WEDNESDAY, made_at=WEDNESDAY)
    landed(done.run_ids[0], now=THURSDAY)
    assert waiting() == {("p-001", "address")}


def test_nobody_is_said_to_have_left_who_is_back_on_the_roll():
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"), is_complete=True)
    land(base, roll={"p-002": "Current"}, is_complete=True, now=TUESDAY)
    land(base, pupil("twin one"), pupil("twin two"), is_complete=True, now=WEDNESDAY)
    assert waiting() == set()
    with pytest.raises(HeldRefusedError):
        release(HeldEntry.objects.get().pk, by=cast.officer().pk, reason="gone", now=WEDNESDAY)


def test_a_block_beside_a_delete_of_the_same_group_is_what_waits():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    land(base, pupil(STRANGER, address=OTHER_ADDRESS, deleted=["address"]), now=TUESDAY)
    assert HeldItem.objects.get(group="address").kind == "block"
