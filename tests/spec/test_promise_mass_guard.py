"""# One odd list empties no school

When one base would, within a day, take the same away from a large share of the children who stay on its roll,
or from half of those who have it, that waits for a person; all else lands. A school's own year, with its
leavers, its new classes and its few corrections, passes without a question.
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
    land,
    land_bodies,
    message,
    who_is,
)
from tests.many import child, released, school, sent

from schoolgate.authority.actions import set_defaults
from schoolgate.holding.actions import refuse
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.runs.models import RunItem

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (cast.NOW + timedelta(days=days) for days in range(4))
SAME_DAY = cast.NOW + timedelta(hours=3)
THIRTY = range(30)
CARE = {"in_care": True, "care_authority": "820"}
NO_CARE = {"in_care": False}


@pytest.fixture
def base():
    made = cast.base()
    land(made, *school(made, THIRTY, address=ADDRESS), is_complete=True)
    return made


def entries():
    found = HeldEntry.objects.filter(state="open").order_by("code")
    return [(each.code, each.items.filter(state="waiting").count()) for each in found]


def holding(base, numbers, group, item):
    return [number for number in numbers if item in (held(base, child(number), group) or {})]


def test_a_list_in_which_every_row_has_its_id_alone_takes_no_name_birthday_or_upn(base):
    run = land(base, *school(base, THIRTY, basic_details={}, identifiers={}), now=TUESDAY)
    for group, item in (
        ("basic_details", "family_name"),
        ("basic_details", "date_of_birth"),
        ("identifiers", "upn"),
    ):
        assert holding(base, THIRTY, group, item) == list(THIRTY)
    assert entries() == [("guard.many", 60)]
    assert account(run, "identifiers") == {"received": 30, "in_conflict": 30}
    assert run.status == "exceptions"


def test_all_else_lands_from_the_same_file_and_from_the_same_record(base):
    odd = [
        sent(base, each, basic_details={**_details(each), "sex": None, "middle_names": "Wren"})
        for each in THIRTY
    ]
    run = land(base, *odd, sent(base, 30, address=ADDRESS), now=TUESDAY)
    assert holding(base, THIRTY, "basic_details", "sex") == list(THIRTY)
    assert holding(base, THIRTY, "basic_details", "middle_names") == list(THIRTY)
    assert held(base, child(30), "address") == ADDRESS
    assert account(run, "basic_details") == {"received": 31, "written": 1, "in_conflict": 30}
    apart = RunItem.objects.filter(run=run, pupil_id=who_is(base, "c-003"))
    assert set(apart.values_list("item", "fate")) == {("sex", "in_conflict"), ("middle_names", "written")}


def _details(number):
    keys = child(number)
    names = ("family_name", "given_name", "date_of_birth", "sex")
    return {name: getattr(keys, name) for name in names}


@pytest.mark.parametrize(("number", "is_held"), [(4, False), (5, True)])
def test_a_few_corrections_land_and_a_large_share_waits(base, number, is_held):
    land(base, *school(base, range(number), address={"town": "Otley"}), now=TUESDAY)
    assert entries() == ([("guard.many", number)] if is_held else [])
    assert len(holding(base, THIRTY, "address", "postcode")) == (30 if is_held else 30 - number)


def test_the_share_is_the_authoritys_to_set(base):
    set_defaults({"guard_percent": 40}, by=None, now=MONDAY)
    land(base, *school(base, range(12), address={"town": "Otley"}), now=TUESDAY)
    assert entries() == []
    land(base, *school(base, range(12, 14), address={"town": "Otley"}), now=TUESDAY + timedelta(hours=1))
    assert entries() == [("guard.many", 2)]


def test_four_of_four_are_few_and_matter():
    base = cast.base()
    land(base, *school(base, range(4), looked_after=CARE), *school(base, range(4, 90)), is_complete=True)
    land(base, *school(base, range(4), looked_after=NO_CARE), now=TUESDAY)
    assert entries() == [("guard.many", 4)]
    assert holding(base, range(4), "looked_after", "care_authority") == [0, 1, 2, 3]


def test_two_of_four_are_a_change_like_any_other():
    base = cast.base()
    land(base, *school(base, range(5), looked_after=CARE), *school(base, range(5, 90)), is_complete=True)
    land(base, *school(base, range(2), looked_after=NO_CARE), now=TUESDAY)
    assert entries() == []
    assert holding(base, range(5), "looked_after", "care_authority") == [2, 3, 4]


def test_a_group_that_ends_for_many_waits_whether_deleted_or_sent_without_rows(base):
    contacts = [{"family_name": "Marlowe", "given_name": "Ada", "mobile_telephone": "07700 900123"}]
    land(base, *school(base, THIRTY, contacts=contacts), now=MONDAY)
    land(base, *school(base, range(15), contacts=[]), now=TUESDAY)
    assert entries() == [("guard.many", 15)]
    deleted = [sent(base, each) for each in range(15, 30)]
    for each in deleted:
        each.deleted = ("contacts",)
    land(base, *deleted, now=WEDNESDAY)
    assert entries() == [("guard.many", 30)]
    assert all(held(base, child(each), "contacts") for each in THIRTY)


def test_an_item_of_all_rows_of_a_list_counts_like_any_other(base):
    contacts = [{"family_name": "Marlowe", "given_name": "Ada", "mobile_telephone": "07700 900123"}]
    land(base, *school(base, THIRTY, contacts=contacts), now=MONDAY)
    land(base, *school(base, THIRTY, contacts=[{"family_name": "Marlowe", "given_name": "Ada"}]), now=TUESDAY)
    assert entries() == [("guard.many", 30)]


def test_the_count_is_over_the_whole_file_however_many_batches(monkeypatch, base):
    monkeypatch.setattr("schoolgate.importing.repeats.BATCH_PUPILS", 2)
    land(base, *school(base, range(6), address={"town": "Otley"}), now=TUESDAY)
    assert entries() == [("guard.many", 6)]
    assert holding(base, THIRTY, "address", "postcode") == list(THIRTY)


def test_the_count_goes_on_over_files_and_runs_of_a_day(base):
    parts = [
        message(base, *school(base, some, address={"town": "Otley"}), roll={}, made_at=TUESDAY)
        for some in (range(3), range(3, 6))
    ]
    land_bodies(base, *parts, now=TUESDAY)
    assert entries() == [("guard.many", 3)]
    land(base, *school(base, range(6, 8), address={"town": "Otley"}), now=TUESDAY + timedelta(hours=23))
    assert entries() == [("guard.many", 5)]


def test_what_was_taken_away_two_days_ago_counts_no_more(base):
    land(base, *school(base, range(4), address={"town": "Otley"}), now=TUESDAY)
    land(base, *school(base, range(4, 8), address={"town": "Otley"}), now=THURSDAY)
    assert entries() == []


def test_what_came_back_meanwhile_counts_no_more(base):
    land(base, *school(base, range(4), address={"town": "Otley"}), now=TUESDAY)
    land(base, *school(base, range(4), address=ADDRESS), now=TUESDAY + timedelta(hours=1))
    land(base, *school(base, range(4, 8), address={"town": "Otley"}), now=TUESDAY + timedelta(hours=2))
    assert entries() == []


def test_it_is_told_once_and_other_content_that_still_lacks_it_waits_in_its_place(base):
    land(base, *school(base, THIRTY, address={"town": "Otley"}), now=TUESDAY)
    again = land(base, *school(base, THIRTY, address={"town": "Otley"}), now=WEDNESDAY)
    assert (codes(again), again.status) == ([], "exported")
    assert account(again, "address") == {"received": 30, "unchanged": 30}
    land(base, sent(base, 3, address={"town": "Ilkley"}), now=THURSDAY)
    assert entries() == [("guard.many", 30)]
    assert held(base, child(3), "address")["postcode"] == ADDRESS["postcode"]
    assert "Ilkley" in HeldItem.objects.get(external_id="c-003", state="waiting").content


def test_it_closes_by_itself_when_the_school_says_the_values_again(base):
    land(base, *school(base, THIRTY, address={"town": "Otley"}), now=TUESDAY)
    land(base, *school(base, range(29), address=ADDRESS), now=WEDNESDAY)
    assert entries() == [("guard.many", 1)]
    land(base, sent(base, 29, address=OTHER_ADDRESS), now=THURSDAY)
    assert entries() == []
    assert HeldEntry.objects.get().state == "closed"
    assert held(base, child(29), "address") == OTHER_ADDRESS


def test_a_release_takes_it_out_and_counts_for_nothing_afterwards(base):
    land(base, *school(base, THIRTY, address={"town": "Otley"}), now=TUESDAY)
    [run] = released(HeldEntry.objects.get().pk, by=None, now=TUESDAY + timedelta(hours=1))
    assert account(run, "address") == {"received": 30, "written": 30}
    assert holding(base, THIRTY, "address", "postcode") == []
    assert HeldEntry.objects.get().state == "released"
    again = land(base, *school(base, THIRTY, address={"town": "Otley"}), now=WEDNESDAY)
    assert account(again, "address") == {"received": 30, "unchanged": 30}


def test_a_released_list_without_names_leaves_every_child_a_name(base):
    land(base, *school(base, THIRTY, basic_details={}, identifiers={}), now=TUESDAY)
    released(HeldEntry.objects.get().pk, by=cast.officer().pk, now=TUESDAY + timedelta(hours=1))
    assert holding(base, THIRTY, "basic_details", "family_name") == list(THIRTY)
    assert holding(base, THIRTY, "basic_details", "date_of_birth") == list(THIRTY)
    assert holding(base, THIRTY, "identifiers", "upn") == []


def test_a_refusal_keeps_what_is_held_and_is_not_asked_about_again(base):
    land(base, *school(base, THIRTY, address={"town": "Otley"}), now=TUESDAY)
    refuse(HeldEntry.objects.get().pk, by=cast.officer().pk, reason="their fault", now=TUESDAY)
    again = land(base, *school(base, THIRTY, address={"town": "Otley"}), now=WEDNESDAY)
    assert (codes(again), entries()) == ([], [])
    assert holding(base, THIRTY, "address", "postcode") == list(THIRTY)


def test_year_and_class_are_never_counted(base):
    bare = [{"school_dfe_number": base.dfe_number, "entry_on": "2023-09-05", "enrolment_status": "C"}]
    land(base, *school(base, THIRTY, enrolments=[enrolled(base, registration_group="3A")]), now=MONDAY)
    land(base, *school(base, THIRTY, enrolments=bare), now=TUESDAY)
    assert entries() == []
    assert holding(base, [0], "identifiers", "upn") == [0]
    assert held(base, child(0), "enrolments") == bare


def test_leavers_of_a_summer_land_without_a_question(base):
    gone = [{**enrolled(base), "leaving_on": "2026-11-20"}]
    leavers = range(20)
    roll = {child(each).external_id: "Leaver" if each in leavers else "Current" for each in THIRTY}
    run = land(
        base, *school(base, leavers, enrolments=gone), *school(base, range(20, 30)), roll=roll, now=TUESDAY
    )
    assert (entries(), run.status) == ([], "exported")
    assert held(base, child(0), "enrolments") == gone
