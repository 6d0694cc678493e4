"""Turns at a source, by the plain rule that the database's own is held to."""

from __future__ import annotations

import random
from bisect import bisect_left

import pytest

from schoolgate.collecting.turns import MARGIN, interval_for, is_too_late, next_turn


def taken(asked_at: list[float], *, calls_per_second: float) -> list[float]:
    """The turns of callers who ask at these moments."""
    interval = interval_for(calls_per_second)
    next_at, turns = 0.0, []
    for now in asked_at:
        turn = next_turn(next_at=next_at, paused_until=0.0, now=now, interval=interval)
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
    arrivals = [at + chance.uniform(0, MARGIN * 0.99) for at in turns]
    assert most_in_a_second(arrivals) <= allowed


def test_uses_nineteen_of_twenty_allowed_calls() -> None:
    turns = taken([0.0] * 1001, calls_per_second=5)
    assert 1000 / (turns[-1] - turns[0]) >= 0.95 * 5


def test_saves_no_turns_up_while_nobody_calls() -> None:
    turns = taken([0.0, 60.0, 60.0, 60.0, 60.0, 60.0, 60.0], calls_per_second=5)
    assert most_in_a_second(turns) <= 5


def test_lets_nobody_go_before_a_pause_ends() -> None:
    turn = next_turn(next_at=10.0, paused_until=12.0, now=10.5, interval=0.2)
    assert turn == (12.0, 12.2)


def test_takes_a_caller_for_late_who_woke_long_after_the_turn() -> None:
    assert not is_too_late(turn_at=10.0, now=10.02)
    assert is_too_late(turn_at=10.0, now=10.1)


def test_refuses_a_source_that_allows_no_calls() -> None:
    with pytest.raises(ValueError, match="some calls"):
        interval_for(0)
