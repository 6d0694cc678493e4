"""# A roll that lost its pupils loses none here

A roll that names nobody, or far fewer than it had, or that came in parts, makes nobody missing until the next
one says the same; and where most of a school would leave at once, a person decides.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import ADDRESS, codes, enrolled, held, land, land_bodies, message
from tests.many import child, released, school, sent

from schoolgate.holding.actions import refuse
from schoolgate.holding.models import HeldEntry
from schoolgate.matching.models import ExternalId

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (cast.NOW + timedelta(days=days) for days in range(4))
THIRTY = range(30)


@pytest.fixture
def base():
    made = cast.base()
    land(made, *school(made, THIRTY, address=ADDRESS), is_complete=True)
    return made


def roll_of(numbers, state="Current"):
    return {child(each).external_id: state for each in numbers}


def entries():
    found = HeldEntry.objects.filter(state="open").order_by("code")
    return [(each.code, each.items.filter(state="waiting").count()) for each in found]


def states(base):
    found = ExternalId.objects.filter(base=base).values_list("roll_state", flat=True)
    return {state: list(found).count(state) for state in set(found)}


def whole(base, numbers, *, now, **told):
    return land(base, roll=roll_of(numbers), is_complete=True, now=now, made_at=now, **told)


@pytest.mark.parametrize("named", [0, 26, 20])
@pytest.mark.parametrize("is_counted", [False, True])
def test_an_empty_or_much_shorter_roll_makes_nobody_missing(base, named, is_counted):
    run = whole(base, range(named), now=TUESDAY, declared=named if is_counted else None)
    is_doubted = named in {0, 20}
    assert states(base) == ({"Current": 30} if is_doubted else {"Current": 26, "Absent": 4})
    assert entries() == [("roll.short" if is_doubted else "roll.absent", 30 - named)]
    assert run.status == "exceptions"


def test_it_is_believed_when_the_next_read_agrees(base):
    whole(base, range(20), now=TUESDAY)
    whole(base, range(21), now=WEDNESDAY)
    assert states(base) == {"Current": 21, "Absent": 9}
    assert entries() == [("roll.absent", 9)]
    assert HeldEntry.objects.get(code="roll.short").state == "closed"


def test_the_same_file_again_is_no_next_read(base):
    whole(base, range(20), now=TUESDAY)
    again = land(base, roll=roll_of(range(20)), is_complete=True, now=WEDNESDAY, made_at=TUESDAY)
    assert states(base) == {"Current": 30}
    assert (codes(again), entries()) == ([], [("roll.short", 10)])


def test_it_closes_by_itself_when_the_next_roll_names_them(base):
    whole(base, (), now=TUESDAY)
    whole(base, THIRTY, now=WEDNESDAY)
    assert (states(base), entries()) == ({"Current": 30}, [])
    assert HeldEntry.objects.get().state == "closed"


def test_what_was_refused_of_it_is_not_asked_about_again(base):
    whole(base, range(20), now=TUESDAY)
    refuse(HeldEntry.objects.get().pk, by=cast.officer().pk, reason="a fault", now=TUESDAY)
    run = whole(base, range(20), now=WEDNESDAY)
    assert (codes(run), entries(), states(base)) == ([], [], {"Current": 30})


def test_a_release_says_that_they_have_left(base):
    whole(base, range(20), now=TUESDAY)
    assert released(HeldEntry.objects.get().pk, by=cast.officer().pk, now=TUESDAY) == []
    assert states(base) == {"Current": 20, "Leaver": 10}


def test_a_roll_in_parts_makes_nobody_missing(base):
    first = message(
        base, *school(base, range(14)), roll=roll_of(range(14)), is_complete=True, parts=2, made_at=TUESDAY
    )
    land_bodies(base, first, now=TUESDAY)
    assert (states(base), entries()) == ({"Current": 30}, [("roll.short", 16)])


def test_a_message_in_parts_of_which_each_names_everybody_is_believed(base):
    told = {"roll": roll_of(range(29)), "is_complete": True, "declared": 29, "parts": 2, "made_at": TUESDAY}
    parts = [message(base, sent(base, each), part=each + 1, **told) for each in range(2)]
    land_bodies(base, *parts, now=TUESDAY)
    assert entries() == [("roll.absent", 1)]


def gone(base, numbers, *, now, state="Leaver", stay=()):
    left = [{**enrolled(base), "leaving_on": "2026-11-20"}]
    return land(
        base,
        *school(base, numbers, enrolments=left),
        roll=roll_of(numbers, state) | roll_of(stay),
        now=now,
        made_at=now,
    )


@pytest.mark.parametrize("state", ["Leaver", "Current"])
def test_most_of_a_school_leaving_at_once_waits_with_its_dates(base, state):
    run = gone(base, range(21), now=TUESDAY, state=state, stay=range(21, 30))
    waits = 42 if state == "Leaver" else 21
    assert (states(base), entries()) == ({"Current": 30}, [("guard.leaving", waits)])
    assert held(base, child(0), "enrolments") == [enrolled(base)]
    assert run.status == "exceptions"
    again = gone(base, range(21), now=THURSDAY, state=state, stay=range(21, 30))
    assert (codes(again), states(base), entries()) == ([], {"Current": 30}, [("guard.leaving", waits)])


def test_two_thirds_leave_like_any_other_year(base):
    gone(base, range(20), now=TUESDAY)
    assert (states(base), entries()) == ({"Current": 10, "Leaver": 20}, [])


def test_leavings_of_one_day_are_counted_together(base):
    gone(base, range(15), now=TUESDAY)
    gone(base, range(15, 25), now=TUESDAY + timedelta(hours=2))
    assert (states(base), entries()) == ({"Current": 15, "Leaver": 15}, [("guard.leaving", 20)])


def test_a_release_lets_them_leave_and_writes_the_dates(base):
    gone(base, range(25), now=TUESDAY)
    [run] = released(HeldEntry.objects.get().pk, by=cast.officer().pk, now=TUESDAY)
    assert states(base) == {"Current": 5, "Leaver": 25}
    assert held(base, child(0), "enrolments")[0]["leaving_on"] == "2026-11-20"
    assert (run.status, HeldEntry.objects.get().state) == ("exported", "released")
    again = gone(base, range(25), now=WEDNESDAY)
    assert not again.exceptions.filter(kind="held").exists()
    assert entries() == []


def test_it_closes_by_itself_when_the_school_lists_them_again(base):
    gone(base, range(25), now=TUESDAY)
    land(base, *school(base, THIRTY), is_complete=True, now=WEDNESDAY, made_at=WEDNESDAY)
    assert (states(base), entries()) == ({"Current": 30}, [])
    assert HeldEntry.objects.get().state == "closed"


def test_what_was_refused_stays_on_the_roll_and_the_next_leaver_leaves(base):
    gone(base, range(25), now=TUESDAY)
    refuse(HeldEntry.objects.get().pk, by=cast.officer().pk, reason="a fault", now=TUESDAY)
    gone(base, range(26), now=THURSDAY)
    assert (states(base), entries()) == ({"Current": 29, "Leaver": 1}, [])
