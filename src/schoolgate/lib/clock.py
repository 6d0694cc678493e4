"""The one place that asks what time it is; everything else is handed the answer as `now=` or `today=`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day it is in England now, which near midnight in summer isn't UTC's."""
    return london_day(now())


def london_day(instant: datetime) -> date:
    """The day in England of an aware instant; a naive one is refused."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no day in England")
    return instant.astimezone(LONDON).date()
