"""Calls a second per integrator, over all schools together, and the tally of calls.

The window slides: a call is refused when as many were let through in the
second before it. Refused calls do not count against the next.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable

_TALLY_SECONDS = 120


class Throttle:
    """Lets so many calls a second through for each subscription key."""

    def __init__(self, *, calls_per_second: float, now: Callable[[], float]) -> None:
        """Take the rate; nought or less lets everything through."""
        self.calls_per_second = calls_per_second
        self._now = now
        self._passed: dict[str, deque[float]] = {}
        self.total = 0
        self.throttled = 0
        self._by_second: Counter[int] = Counter()
        self.by_domain: Counter[str] = Counter()

    def admit(self, key: str) -> bool:
        """Count a call and tell whether it is let through."""
        now = self._now()
        self.total += 1
        self._by_second[int(now)] += 1
        passed = self._passed.setdefault(key, deque())
        while passed and passed[0] <= now - 1:
            passed.popleft()
        if 0 < self.calls_per_second <= len(passed):
            self.throttled += 1
            return False
        if self.calls_per_second > 0:
            passed.append(now)
        return True

    def tally(self) -> dict[str, object]:
        """Give the calls so far: in all, refused, by second of the last two minutes, by domain."""
        now = int(self._now())
        for second in [second for second in self._by_second if second <= now - _TALLY_SECONDS]:
            del self._by_second[second]
        return {
            "total": self.total,
            "throttled": self.throttled,
            "by_second": [self._by_second[second] for second in range(now - _TALLY_SECONDS + 1, now + 1)],
            "by_domain": dict(self.by_domain),
        }
