"""The one place that asks what time it is; everything else is handed the answer as `now=` or `today=`.

A demo's clock may be set to another day, so that pretend schools and the scheduler service live on the same
one; instants for others' clocks (the job engine's) are turned back first.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_ahead = timedelta()


def set_ahead(by: timedelta) -> None:
    """Let this process's clock show a time so much later than the machine's (earlier where negative)."""
    global _ahead  # noqa: PLW0603 - said once, when settings are read
    _ahead = by


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC) + _ahead


def by_the_machine(instant: datetime) -> datetime:
    """What the machine's clock shows when ours shows this instant."""
    return instant - _ahead


def today() -> date:
    """The day it is in England now, which near midnight in summer isn't UTC's."""
    return london_day(now())


def london_day(instant: datetime) -> date:
    """The day in England of an aware instant; a naive one is refused."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no day in England")
    return instant.astimezone(LONDON).date()
