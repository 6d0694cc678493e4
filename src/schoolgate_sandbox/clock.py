"""The sandbox's two times: a calendar of its own and the real clock.

The calendar day moves only when it is advanced. Instants of change are real
UTC, so that a collector's "since" can be compared with them; what happened
before the process started takes its instant from its calendar day.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, timedelta

from schoolgate_sandbox import terms

TRACKED_DAYS = 92
_ENTERED = ((9, 20), (13, 30))


class Clock:
    """Holds today, the moment of the start, and when each advanced day was entered."""

    def __init__(self, *, today: date, now: Callable[[], float] = time.time) -> None:
        """Start on a calendar day; now gives epoch seconds and is replaced in tests."""
        self._now = now
        self._last = now()
        self.started_at = self._last
        self.started_on = today
        self.today = today
        self.entered: dict[int, float] = {}

    def stamp(self) -> float:
        """Give an instant later than every one given before."""
        self._last = max(self._now(), self._last + 0.000_001)
        return self._last

    def next_day(self) -> float:
        """Move the calendar on by a day and give the instant at which it was."""
        self.today += timedelta(days=1)
        instant = self.stamp()
        self.entered[self.today.toordinal()] = instant
        return instant

    def mark_entered_at(self, ordinal: int, session: int) -> float:
        """Give the instant at which the marks of a session (0 AM, 1 PM) were entered."""
        advanced = self.entered.get(ordinal)
        if advanced is not None:
            return advanced
        hour, minute = _ENTERED[session]
        return min(terms.at(ordinal, hour=hour, minute=minute), self.started_at)

    def happened_at(self, day: date) -> float:
        """Give the instant of something entered in the afternoon of a past day."""
        return min(terms.at(day.toordinal(), hour=15), self.started_at)

    def tracked_from(self, moved_at: float) -> float:
        """Give the first instant change tracking knows of a school that moved then."""
        horizon = terms.at(self.started_on.toordinal() - TRACKED_DAYS, hour=1)
        return max(moved_at, horizon)
