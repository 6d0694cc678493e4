"""# What may land is decided once

Whatever way a message comes, the same rules decide what of it may land, in one room. Older content never
overwrites newer, however long it waited. Nothing leaves a pupil without name and birthday. Of a school's past
nothing lands that was never sent.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from tests import cast
from tests.landing import (
    ADDRESS,
    OTHER_ADDRESS,
    account,
    changes,
    codes,
    enrolled,
    held,
    keys,
    land,
    land_bodies,
    message,
    planned,
    pupil,
    who_is,
)

from schoolgate.attendance.models import AttendanceYear
from schoolgate.audit.models import RecordChange
from schoolgate.blocks.models import PageHash
from schoolgate.blocks.queries import outstanding
from schoolgate.holding.models import HeldItem
from schoolgate.importing.actions import land_run
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import Pupil
from schoolgate.runs.left_out import left_out_of
from schoolgate.runs.models import RunItem
from schoolgate_message.records import DayMarks, KeptBack

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY, WEDNESDAY = (cast.NOW + timedelta(days=days) for days in range(3))
NEEDS = [{"rank": 1, "need_type": "SLCN"}]


@pytest.fixture
def base():
    return cast.base()


def marks_of(at, who, on):
    """Both marks that are held of a day."""
    year = AttendanceYear.objects.get(pupil_id=who_is(at, keys(who).external_id), base=at)
    place = (date.fromisoformat(on) - year.start_date).days * 2
    return list(year.marks[place : place + 2])


def test_an_explicit_delete_of_a_pupil_on_the_roll_waits_and_the_name_stays(base):
    land(base, pupil("twin one", address=ADDRESS, sen_needs=NEEDS, enrolments=[enrolled(base)]))
    gone = ["identifiers", "basic_details", "enrolments", "sen_needs"]
    run = land(base, pupil("twin one", with_identity=False, deleted=gone), now=TUESDAY)
    assert held(base, "twin one", "basic_details")["given_name"] == "Iris"
    assert held(base, "twin one", "identifiers") == {"upn": keys("twin one").upn}
    assert held(base, "twin one", "enrolments") == [enrolled(base)]
    assert held(base, "twin one", "sen_needs") is None, "other groups land"
    for group in ("identifiers", "basic_details", "enrolments"):
        assert account(run, group) == {"received": 1, "in_conflict": 1}
    assert run.status == "exceptions"


def test_a_delete_of_somebody_who_has_left_is_ignored_and_touches_nothing(base):
    land(base, pupil("twin one", address=ADDRESS, sen_needs=NEEDS))
    land(base, roll={"p-001": "Leaver"})
    gone = ["basic_details", "sen_needs"]
    cleared = pupil("twin one", with_identity=False, deleted=gone)
    run = land(base, cleared, roll={"p-001": "Leaver"}, now=TUESDAY)
    assert held(base, "twin one", "sen_needs") == NEEDS
    assert account(run, "sen_needs") == {"received": 1, "ignored": 1}
    assert set(codes(run)) == {"delete.after_leaving"}
    assert (run.status, changes(run)) == ("exported", [])


def test_a_delete_of_somebody_who_was_never_sent_adds_nobody(base):
    run = land(base, pupil("twin one", with_identity=False, deleted=["basic_details", "sen_needs"]))
    assert not Pupil.objects.exists()
    assert account(run, "sen_needs") == {"received": 1, "unchanged": 1}


@pytest.mark.parametrize("lost", [("family_name", "given_name"), ("date_of_birth",)])
def test_a_block_that_would_leave_a_pupil_without_name_or_birthday_waits(base, lost):
    land(base, pupil("twin one", address=ADDRESS))
    whole = held(base, "twin one", "basic_details")
    bare = {name: value for name, value in whole.items() if name not in lost}
    sent = pupil("twin one", with_identity=False, basic_details=bare, address=OTHER_ADDRESS)
    run = land(base, sent, now=TUESDAY)
    assert held(base, "twin one", "basic_details") == whole
    assert held(base, "twin one", "address") == OTHER_ADDRESS
    assert account(run, "basic_details") == {"received": 1, "in_conflict": 1}


def test_a_leaver_who_was_never_sent_does_not_land_whatever_the_message_holds(base):
    left = [enrolled(base, leaving_on="2024-07-19")]
    sent = pupil("twin one", address=ADDRESS, sen_needs=NEEDS, enrolments=left)
    run = land(base, sent, pupil("twin two"), roll={"p-001": "Leaver", "p-002": "Current"})
    assert Pupil.objects.count() == 1
    assert account(run, "address") == {"received": 1, "left_out": 1}
    assert set(codes(run)) == {"cohort.never_sent"}
    assert run.status == "exported"


def test_a_leaver_of_the_last_three_months_brings_the_enrolment_alone(base):
    left = [enrolled(base, leaving_on="2026-11-02")]
    sent = pupil("twin one", address=ADDRESS, sen_needs=NEEDS, enrolments=left)
    run = land(base, sent, roll={"p-001": "Leaver"})
    assert held(base, "twin one", "enrolments") == left
    assert held(base, "twin one", "address") is None
    assert account(run, "sen_needs") == {"received": 1, "left_out": 1}


def test_an_older_message_that_lands_again_changes_nothing_and_says_so(base):
    old = message(base, pupil("twin one", address=ADDRESS), made_at=MONDAY)
    new = message(base, pupil("twin one", address=OTHER_ADDRESS), made_at=TUESDAY)
    land_bodies(base, old, now=MONDAY)
    land_bodies(base, new, now=TUESDAY)
    again = land_bodies(base, old + b"\n", now=WEDNESDAY)
    assert held(base, "twin one", "address") == OTHER_ADDRESS
    assert account(again, "address") == {"received": 1, "ignored": 1}
    assert codes(again) == ["rule.newer_is_held"]
    assert again.status == "exported"


def test_a_file_that_waited_does_not_land_over_what_was_read_meanwhile(base):
    land_bodies(base, message(base, pupil("twin one"), made_at=MONDAY), now=MONDAY)
    waiting = message(base, pupil("twin one", address=ADDRESS, sen_needs=NEEDS), made_at=MONDAY)
    run = planned(base, waiting, now=MONDAY)
    type(run).objects.filter(pk=run.pk).update(stage="due")
    land_bodies(base, message(base, pupil("twin one", address=OTHER_ADDRESS), made_at=TUESDAY), now=TUESDAY)
    type(run).objects.filter(pk=run.pk).update(stage="landing")
    land_run(run_id=run.pk, attempt=run.attempt, now=WEDNESDAY)
    assert held(base, "twin one", "address") == OTHER_ADDRESS
    assert held(base, "twin one", "sen_needs") == NEEDS, "nothing newer is held of this"
    run.refresh_from_db()
    assert account(run, "address") == {"received": 1, "ignored": 1}


def test_an_older_roll_tells_nothing_of_those_a_newer_one_told_of(base):
    land_bodies(base, message(base, pupil("twin one"), made_at=MONDAY), now=MONDAY)
    late = message(base, pupil("twin one"), is_complete=True, made_at=MONDAY + timedelta(hours=1))
    newer = message(
        base,
        pupil("twin two"),
        roll={"p-001": "Leaver", "p-002": "Current"},
        is_complete=True,
        made_at=TUESDAY,
    )
    land_bodies(base, newer, now=TUESDAY)
    run = land_bodies(base, late, now=WEDNESDAY)
    states = dict(ExternalId.objects.values_list("external_id", "roll_state"))
    assert states == {"p-001": "Leaver", "p-002": "Current"}
    assert "roll.absent" not in codes(run)


def test_a_deletion_is_not_undone_by_what_was_read_before_it(base):
    old = message(base, pupil("twin one", sen_needs=NEEDS), made_at=MONDAY)
    land_bodies(base, old, now=MONDAY)
    gone = pupil("twin one", with_identity=False, deleted=["sen_needs"])
    land_bodies(base, message(base, gone, made_at=TUESDAY), now=TUESDAY)
    land_bodies(base, old + b"\n", now=WEDNESDAY)
    assert held(base, "twin one", "sen_needs") is None


def test_a_message_that_says_it_is_of_tomorrow_is_as_old_as_its_receipt(base):
    land_bodies(base, message(base, pupil("twin one", address=ADDRESS), made_at=WEDNESDAY), now=MONDAY)
    newer = message(base, pupil("twin one", address=OTHER_ADDRESS), made_at=TUESDAY)
    land_bodies(base, newer, now=TUESDAY)
    assert held(base, "twin one", "address") == OTHER_ADDRESS


def test_older_content_of_another_base_does_not_overwrite_what_is_newer_either(base):
    other = cast.base("Beckside Primary")
    moved = [enrolled(other, entry_on="2026-11-20")]
    x_1 = keys("twin one", external_id="x-1")
    land_bodies(base, message(base, pupil("twin one", address=ADDRESS), made_at=TUESDAY), now=TUESDAY)
    late = message(other, pupil(x_1, address=OTHER_ADDRESS, enrolments=moved), made_at=MONDAY)
    land_bodies(other, late, now=WEDNESDAY)
    assert held(base, "twin one", "address") == ADDRESS
    assert held(other, x_1, "enrolments") == moved


def test_one_pupil_sent_twice_in_a_file_with_two_contents_is_told(base):
    run = land(base, pupil("twin one", address=ADDRESS), pupil("twin one", address=OTHER_ADDRESS))
    assert held(base, "twin one", "address") == ADDRESS
    assert account(run, "address") == {"received": 2, "written": 1, "refused": 1}
    assert account(run, "basic_details") == {"received": 2, "written": 1, "unchanged": 1}
    assert codes(run) == ["message.sent_twice"]


def test_a_upn_that_somebody_holds_is_never_written_to_a_second_pupil(base):
    land(base, pupil("twin one"), pupil("twin two"))
    stolen = {"upn": keys("twin one").upn, "uci": "820107912345"}
    sent = pupil("twin two", identifiers=stolen, address=ADDRESS, with_identity=False)
    run = land(base, sent, now=TUESDAY)
    assert held(base, "twin two", "identifiers") == {"upn": keys("twin two").upn, "uci": "820107912345"}
    assert held(base, "twin two", "address") == ADDRESS
    assert account(run, "identifiers") == {"received": 1, "refused": 1}
    assert codes(run) == ["item.upn_held"]
    apart = set(RunItem.objects.filter(run=run).values_list("item", "fate", "rule"))
    assert apart == {("upn", "refused", "item.upn_held"), ("uci", "written", "always import")}
    change = RecordChange.objects.get(run_id=run.pk, group="identifiers")
    assert change.rules["uci"] == "always import"


def test_what_a_maker_kept_at_school_is_in_the_books(base):
    kept = {
        "address": KeptBack(
            unchanged=40, left_out={"cohort.outside": 2}, who={"cohort.outside": ("p-8", "p-9")}
        ),
        "attendance": KeptBack(unchanged=7, left_out={"maker.own": 3}),
    }
    run = land_bodies(base, message(base, pupil("twin one", address=ADDRESS), kept_back=kept))
    assert account(run, "address") == {"received": 43, "written": 1, "unchanged": 40, "left_out": 2}
    assert account(run, "attendance") == {"received": 10, "unchanged": 7, "left_out": 3}
    listed, _ = left_out_of(run, group="address")
    assert [each.external_id for each in listed] == ["p-8", "p-9"]
    assert run.status == "exported"


def test_what_a_newer_maker_adds_is_kept_counted_and_ignored(base):
    more = b"<Extensions><Wellbeing Score='4'/></Extensions></B2BStudent>"
    body = message(base, pupil("twin one", address=ADDRESS)).replace(b"</B2BStudent>", more)
    run = land_bodies(base, body)
    assert held(base, "twin one", "address") == ADDRESS
    assert codes(run) == ["message.extensions"]
    assert run.status == "exported"


def test_a_message_whose_instant_was_left_unset_is_as_old_as_its_receipt(base):
    unset = datetime(1, 1, 1, tzinfo=UTC)
    run = land(base, pupil("twin one", address=ADDRESS), made_at=unset, now=MONDAY)
    assert (run.status, held(base, "twin one", "address")) == ("exported", ADDRESS)


def test_a_block_beside_a_delete_of_the_same_group_is_taken_and_the_delete_is_told(base):
    land(base, pupil("twin one", address=ADDRESS))
    both = pupil("twin one", address=OTHER_ADDRESS, deleted=["address"])
    run = land(base, both, now=TUESDAY)
    assert held(base, "twin one", "address") == OTHER_ADDRESS
    assert changes(run) == [("address", "changed")]
    assert account(run, "address") == {"received": 2, "written": 1, "refused": 1}


def test_an_entry_date_to_come_does_not_make_a_school_the_main_one(base):
    other = cast.base("Beckside Primary")
    land(base, pupil("twin one", address=ADDRESS, enrolments=[enrolled(base)]))
    far = [enrolled(other, entry_on="2099-01-01")]
    run = land(other, pupil(keys("twin one", external_id="x-1"), address=OTHER_ADDRESS, enrolments=far))
    assert held(base, "twin one", "address") == ADDRESS
    assert account(run, "address") == {"received": 1, "ignored": 1}


def test_a_subsidiary_registration_that_is_newer_does_not_speak_for_the_main_one(base):
    other = cast.base("Beckside Primary")
    land(base, pupil("twin one", address=ADDRESS, enrolments=[enrolled(base, enrolment_status="M")]))
    newer = [enrolled(other, entry_on="2026-09-01", enrolment_status="S")]
    run = land(other, pupil(keys("twin one", external_id="x-1"), address=OTHER_ADDRESS, enrolments=newer))
    assert held(base, "twin one", "address") == ADDRESS
    assert account(run, "address") == {"received": 1, "ignored": 1}


def test_what_another_system_of_the_school_changes_is_not_hidden_by_a_page_that_landed(base):
    land(base, pupil("twin one"))
    page = {"signature": "address", "page": 1, "digest": UUID(int=0), "counts": {}, "pupils": ["p-001"]}
    PageHash.objects.create(base=base, groups=["address"], **page)
    sent = pupil(keys("twin one", external_id="o-1"), address=OTHER_ADDRESS)
    land(base, sent, source="Another System", now=TUESDAY)
    assert not PageHash.objects.exists()


# Twice in one message


def twice_over(*pupils):
    """One message in both orders."""
    return [list(pupils), list(reversed(pupils))]


@pytest.mark.parametrize("group", ["address", "enrolments", "basic_details"])
@pytest.mark.parametrize("who", ["new", "known"])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_what_a_message_brings_counts_and_not_the_delete_of_it_wherever_they_stand(base, group, who, order):
    if who == "known":
        land(base, pupil("twin one", address=OTHER_ADDRESS, enrolments=[enrolled(base, nc_year="2")]))
    brings = {"address": ADDRESS, "enrolments": [enrolled(base)]}
    bringing = pupil("twin one", **brings)
    gone = pupil("twin one", with_identity=False, deleted=[group])
    both = pupil("twin one", deleted=[group], **brings)
    sent = [both] if order == 2 else twice_over(bringing, gone)[order]
    run = land(base, *sent, pupil("twin two"), now=TUESDAY)
    assert held(base, "twin one", "address") == ADDRESS
    assert held(base, "twin one", "enrolments") == [enrolled(base)]
    assert held(base, "twin one", "basic_details")["given_name"] == "Iris"
    assert account(run, group)["refused"] == 1
    assert codes(run) == ["message.sent_twice"]
    assert not [kind for _, kind in changes(run) if kind == "removed"]
    assert (HeldItem.objects.exists(), outstanding(base.pk, source=base.source)) == (False, [])
    again = land(base, *sent, pupil("twin two"), now=WEDNESDAY)
    assert changes(again) == []


@pytest.mark.parametrize("order", [0, 1])
def test_what_waits_for_a_person_is_the_block_and_not_the_delete_beside_it(base, order):
    land(base, pupil("twin one", address=ADDRESS, sen_needs=NEEDS))
    stranger = keys("an apostrophe", external_id="p-001")
    bringing = pupil(stranger, address=OTHER_ADDRESS)
    gone = pupil(stranger, with_identity=False, deleted=["address", "sen_needs"])
    land(base, *twice_over(bringing, gone)[order], now=TUESDAY)
    kinds = dict(HeldItem.objects.values_list("group", "kind"))
    assert (kinds["address"], kinds["sen_needs"]) == ("block", "delete")


def test_of_two_contents_that_wait_the_first_is_kept_and_the_other_told(base):
    land(base, pupil("twin one", address=ADDRESS))
    stranger = keys("an apostrophe", external_id="p-001")
    sent = [pupil(stranger, address={**OTHER_ADDRESS, "paon": paon}) for paon in ("1", "2", "1")]
    run = land(base, *sent, now=TUESDAY)
    assert '"paon":"1"' in HeldItem.objects.get(group="address").content
    assert account(run, "address") == {"received": 3, "unmatched": 1, "refused": 1, "unchanged": 1}
    assert codes(run) == ["match.doubted", "message.sent_twice"]


@pytest.mark.parametrize("apart", [False, True], ids=["in one place", "in two places"])
def test_of_two_marks_of_one_half_day_the_first_is_taken_and_the_other_told(base, apart):
    first = [DayMarks(on="2026-11-19", am="/", pm="\\"), DayMarks(on="2026-11-18", am="/")]
    second = [DayMarks(on="2026-11-19", am="N", pm="\\"), DayMarks(on="2026-11-18", pm="\\")]
    if apart:
        sent = [pupil("twin one", marks=first), pupil("twin two"), pupil("twin one", marks=second)]
    else:
        sent = [pupil("twin one", marks=[*first, *second])]
    run = land(base, *sent)
    assert marks_of(base, "twin one", "2026-11-19") == ["/", "\\"]
    assert marks_of(base, "twin one", "2026-11-18") == ["/", "\\"]
    assert account(run, "attendance") == {"received": 6, "written": 4, "unchanged": 1, "refused": 1}
    assert codes(run) == ["message.sent_twice"]
    told = run.exceptions.get()
    assert (told.external_id, told.details) == ("p-001", {"on": "2026-11-19", "session": "AM"})
    again = land(base, *sent, now=TUESDAY)
    assert changes(again) == []
