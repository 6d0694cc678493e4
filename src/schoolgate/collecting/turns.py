"""Turns at a source: how far apart calls are sent, so that no second sees more of them than are allowed."""

from __future__ import annotations

from typing import NamedTuple

WINDOW_SECONDS = 1.0
"""The source counts its calls over any second that passes, not over the clock's."""
MARGIN = 0.045
"""By how much the space between calls is wider than it need be, to allow for the way to the source.

Five calls a second are then sent 209 ms apart: six never fall into one second unless one is 45 ms later
and another is not, and 95.7 % of the allowed calls are used.
"""
LATE_SECONDS = 0.03
"""A caller who wakes later than this after its turn gives the turn up and takes another."""


class Turn(NamedTuple):
    """When a caller may call, and from when on the next may; in seconds on one clock."""

    at: float
    next_at: float


def interval_for(calls_per_second: float) -> float:
    """The seconds between two calls for so many calls a second."""
    if calls_per_second <= 0:
        raise ValueError("a source must allow some calls")
    return WINDOW_SECONDS / calls_per_second * (1 + MARGIN)


def next_turn(*, next_at: float, paused_until: float, now: float, interval: float) -> Turn:
    """The turn of one who asks now. The SQL of ``limiter`` says the same; a test holds it to this."""
    at = max(next_at, paused_until, now)
    return Turn(at=at, next_at=at + interval)


def is_too_late(*, turn_at: float, now: float) -> bool:
    """Whether a caller woke so late that its call could come too near the one after."""
    return now - turn_at > LATE_SECONDS
