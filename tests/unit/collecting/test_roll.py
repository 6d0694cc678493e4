"""What a roll says that was read."""

from __future__ import annotations

import pytest

from schoolgate.collecting.roll import Roll, RollPupil
from schoolgate.tasks.cohorts import Cohort

EVERYBODY = Cohort()


def roll_of(states, *, cohort=EVERYBODY, is_complete=True):
    pupils = {key: RollPupil(state=state, is_in_cohort=True) for key, state in states.items()}
    return Roll(pupils, cohort=cohort, declared=len(pupils), is_complete=is_complete)


@pytest.mark.parametrize(
    ("now", "before", "is_complete", "says_more"),
    [
        ({"a": "Current"}, {"a": "Current"}, True, False),
        ({"a": "Leaver"}, {"a": "Current"}, True, True),
        ({"a": "Current", "b": "Future"}, {"a": "Current"}, False, True),
        ({"a": "Current"}, {"a": "Current", "b": "Current"}, True, True),
        ({"a": "Current"}, {"a": "Current", "b": "Current"}, False, False),
        ({"a": "Current"}, {"a": "Current", "b": "Leaver"}, True, False),
    ],
)
def test_tells_whether_it_says_more_than_last_time(now, before, is_complete, says_more):
    assert roll_of(now, is_complete=is_complete).says_more_than(before) is says_more


def test_says_nothing_of_those_whom_it_was_not_asked_for():
    roll = roll_of({"a": "Current"}, cohort=Cohort(nc_years=("3",)))
    assert not roll.says_more_than({"a": "Current", "b": "Current"})


def test_names_those_on_the_roll_only_if_it_is_whole():
    states = {"a": "Current", "b": "Future", "c": "Leaver"}
    assert roll_of(states).on_roll == {"a", "b"}
    assert roll_of(states, is_complete=False).on_roll is None
    assert roll_of(states, cohort=Cohort(is_looked_after_only=True)).on_roll is None


def test_keeps_a_leaver_who_was_taken_in_after_all():
    pupils = {"a": RollPupil(state="Leaver", is_in_cohort=False, is_past=True)}
    roll = Roll(pupils, cohort=EVERYBODY, declared=1, is_complete=True)
    assert (roll.cohort, roll.beside_cohort) == ({}, ["a"])
    roll.admit("a")
    assert (roll.cohort, roll.beside_cohort) == ({"a": "Leaver"}, [])
    assert roll.get("a") == RollPupil(state="Leaver", is_in_cohort=True)
