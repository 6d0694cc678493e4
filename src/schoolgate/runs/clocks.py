"""How far the clocks of sources are from ours, as the newest runs measured it.

Imports no model: `schoolgate doctor` asks before it knows whether anything is set up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import connection

from schoolgate.accounts.scopes import Scope

TOLD_FROM = timedelta(minutes=2)
"""A difference of less is nobody's concern: the overlap covers it."""
_DIFFERENCES = (Path(__file__).parent / "sql" / "clock_differences.sql").read_text(encoding="utf-8")


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
    values = {"base_ids": scope.listed, "told_from": TOLD_FROM.total_seconds()}
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES, values)
        found = cursor.fetchall()
    return [
        ClockDifference(base_id=base_id, base=name, offset=timedelta(seconds=seconds))
        for base_id, name, seconds in found
    ]
