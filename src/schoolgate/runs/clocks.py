"""How far the clocks of sources are from ours, as the newest runs measured it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from schoolgate.accounts.scopes import Scope
from schoolgate.runs.models import Run

TOLD_FROM = timedelta(minutes=2)
"""A difference of less is nobody's concern: the overlap covers it."""
NEWEST = 200
"""So many of the newest runs are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDifference:
    """A base whose source's clock differs from ours: positive where the source is ahead."""

    base_id: int
    base: str
    offset: timedelta

    @property
    def words(self) -> str:
        """The difference as people say it: 10 minutes behind."""
        minutes = round(abs(self.offset).total_seconds() / 60)
        return f"{minutes} minutes {'behind' if self.offset < timedelta() else 'ahead'}"


def clock_differences(scope: Scope) -> list[ClockDifference]:
    """The bases of the scope whose last measured difference is more than a little, the greatest first."""
    runs = scope.narrow(Run.objects.exclude(clock_offset=None))
    newest: dict[int, ClockDifference] = {}
    for base_id, name, seconds in runs.order_by("-id").values_list("base_id", "base__name", "clock_offset")[
        :NEWEST
    ]:
        newest.setdefault(
            base_id, ClockDifference(base_id=base_id, base=name, offset=timedelta(seconds=seconds or 0.0))
        )
    found = [each for each in newest.values() if abs(each.offset) >= TOLD_FROM]
    return sorted(found, key=lambda each: -abs(each.offset))
