"""What a roll says that was read."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from schoolgate.collecting.roll import Roll, RollPupil, Year, roll_from
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import OnRoll
from schoolgate.runs.reasons import STATE_UNKNOWN, YEAR_UNKNOWN
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


def read_roll(*entries, years=None, cohort=EVERYBODY):
    """The roll of these entries; ``years`` are the known ones by the school's own word."""
    read = SimpleNamespace(
        rows=lambda: [(1, entries)],
        reading=SimpleNamespace(domain="Roll"),
        declared=len(entries),
        is_confirmed=True,
        unplaced=0,
    )
    asked = (
        {}
        if years is None
        else {"year_of": lambda each: Year(years.get(each.year_group, ""), each.year_group)}
    )
    return roll_from(
        SimpleNamespace(roll_entry=lambda row: row),
        read,
        cohort=cohort,
        is_wanted=lambda _: True,
        sent_before={"guest"},
        **asked,
    )


CURRENT = OnRoll(external_id="a", state="Current", year_group="Y3")
GUEST = OnRoll(external_id="guest", state="", said="Guest", year_group="Y3")


def test_leaves_out_whose_state_is_unknown_and_misses_nobody():
    roll = read_roll(CURRENT, GUEST)
    assert (roll.cohort, roll.beside_cohort, roll.unclear) == ({"a": "Current"}, ["guest"], {"guest"})
    assert roll.get("guest").why_left_out == STATE_UNKNOWN
    assert not roll.says_more_than({"a": "Current", "guest": "Current"})
    assert roll.on_roll == {"a", "guest"}
    assert (roll.manifest().declared, len(roll.manifest().pupils)) == (1, 1)
    (told,) = roll.problems()
    assert (told.code, told.details) == ("roll.unknown_state", {"pupils": 1, "said": "Guest"})


def test_leaves_out_whose_year_group_is_unknown_where_years_are_asked_for():
    otter = OnRoll(external_id="b", state="Current", year_group="Otters")
    gone = OnRoll(external_id="c", state="Leaver", year_group="Otters")
    nowhere = OnRoll(external_id="d", state="Future")
    roll = read_roll(CURRENT, otter, gone, nowhere, years={"Y3": "3"}, cohort=Cohort(nc_years=("3",)))
    assert roll.get("b").why_left_out == YEAR_UNKNOWN
    assert [roll.get(each).why_left_out for each in ("a", "c", "d")] == [""] * 3
    assert [each.code for each in roll.problems()] == ["roll.unknown_year"]


@pytest.mark.parametrize(
    ("entries", "years", "code"),
    [
        ([GUEST], None, "source.roll_states_unknown"),
        ([CURRENT], {}, "source.year_groups_unknown"),
        ([OnRoll(external_id="a", state="Current")], {"Y3": "3"}, "source.year_groups_unknown"),
        ([OnRoll(external_id="a", state="Leaver", year_group="Y3")], {}, ""),
        ([CURRENT, OnRoll(external_id="b", state="Current")], {"Y3": "3"}, ""),
        ([], None, "source.empty_roll"),
    ],
)
def test_refuses_a_roll_of_which_nobody_could_be_collected(entries, years, code):
    with pytest.raises(SourceProblem) if code else nullcontext() as caught:
        read_roll(*entries, years=years)
    assert not code or caught.value.code == code
