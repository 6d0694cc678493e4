"""The decisions of collecting, on plain values."""

from __future__ import annotations

import random
from bisect import bisect_left

import pytest

from schoolgate.collecting import rules
from schoolgate.collecting.rules import Weighed
from schoolgate_message.roll_states import CURRENT, FUTURE, LEAVER


def taken(asked_at: list[float], *, calls_per_second: float) -> list[float]:
    """The turns of callers who ask at these moments."""
    interval = rules.interval_for(calls_per_second)
    next_at, turns = 0.0, []
    for now in asked_at:
        turn = rules.next_turn(next_at=next_at, paused_until=0.0, now=now, interval=interval)
        next_at = turn.next_at
        turns.append(turn.at)
    return turns


def most_in_a_second(moments: list[float]) -> int:
    ordered = sorted(moments)
    return max(bisect_left(ordered, at + 1.0) - index for index, at in enumerate(ordered))


@pytest.mark.parametrize("allowed", [1, 5, 20])
def test_never_lets_a_sliding_second_see_more_than_the_allowed_calls(allowed: int) -> None:
    chance = random.Random(allowed)
    turns = taken([0.0] * 400, calls_per_second=allowed)
    arrivals = [at + chance.uniform(0, rules.MARGIN * 0.99) for at in turns]
    assert most_in_a_second(arrivals) <= allowed


def test_uses_nineteen_of_twenty_allowed_calls() -> None:
    turns = taken([0.0] * 1001, calls_per_second=5)
    assert 1000 / (turns[-1] - turns[0]) >= 0.95 * 5


def test_saves_no_turns_up_while_nobody_calls() -> None:
    turns = taken([0.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0], calls_per_second=5)
    assert most_in_a_second(turns) <= 5


def test_lets_nobody_go_before_a_pause_ends() -> None:
    turn = rules.next_turn(next_at=10.0, paused_until=12.0, now=10.5, interval=0.2)
    assert turn == (12.0, 12.2)


def test_takes_a_caller_for_late_who_woke_long_after_the_turn() -> None:
    assert not rules.is_too_late(turn_at=10.0, now=10.02)
    assert rules.is_too_late(turn_at=10.0, now=10.1)


def test_refuses_a_source_that_allows_no_calls() -> None:
    with pytest.raises(ValueError, match="some calls"):
        rules.interval_for(0)


@pytest.mark.parametrize(
    ("now", "before", "is_whole", "changed"),
    [
        ({"a": "Current"}, {"a": "Current"}, True, False),
        ({"a": "Leaver"}, {"a": "Current"}, True, True),
        ({"a": "Current", "b": "Future"}, {"a": "Current"}, False, True),
        ({"a": "Current"}, {"a": "Current", "b": "Current"}, True, True),
        ({"a": "Current"}, {"a": "Current", "b": "Current"}, False, False),
        ({"a": "Current"}, {"a": "Current", "b": "Leaver"}, True, False),
    ],
)
def test_tells_a_changed_roll(now, before, is_whole, changed) -> None:
    assert rules.is_roll_changed(now, before, is_whole_roll=is_whole) is changed


def test_makes_one_file_even_of_nobody() -> None:
    assert rules.parts_of([]) == [[]]


def test_splits_a_run_beyond_five_thousand_pupils() -> None:
    parts = rules.parts_of(Weighed(external_id=str(number), size=2000) for number in range(5001))
    assert [len(part) for part in parts] == [5000, 1]


def test_splits_a_run_whose_file_would_be_too_large() -> None:
    heavy = rules.MOST_BYTES_A_FILE / rules.XML_GROWTH / 2
    parts = rules.parts_of(Weighed(external_id=str(number), size=int(heavy)) for number in range(5))
    assert [len(part) for part in parts] == [2, 2, 1]


def test_reads_a_few_pupils_marks_by_id_and_those_of_many_with_everybodys() -> None:
    assert rules.reads_marks_by_id(47, on_roll=400)
    assert not rules.reads_marks_by_id(48, on_roll=400)
    assert not rules.reads_marks_by_id(3, on_roll=8)


def test_reads_a_few_pupils_by_id_and_many_with_their_domain() -> None:
    assert rules.reads_by_id(1, on_roll=300)
    assert not rules.reads_by_id(2, on_roll=300)
    assert rules.reads_by_id(3, on_roll=4000)


@pytest.mark.parametrize(
    ("before", "state", "comes"),
    [
        (LEAVER, CURRENT, True),
        (LEAVER, FUTURE, True),
        (FUTURE, CURRENT, True),
        (FUTURE, FUTURE, False),
        (CURRENT, CURRENT, False),
        (CURRENT, LEAVER, False),
        ("", CURRENT, False),
    ],
)
def test_takes_whoever_left_or_was_expected_for_new_once_on_the_roll(
    before: str, state: str, comes: bool
) -> None:
    assert rules.has_come(state, before) is comes
