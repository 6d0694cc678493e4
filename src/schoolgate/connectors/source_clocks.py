"""How far a source's clock is from ours, as its answers tell it.

Which of two contents is the newer one is decided by when each was read at its source. Where a source tells
the time (the ``Date`` of an HTTP answer, whole seconds), its own clock counts and not ours.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

IGNORED = timedelta(seconds=2)
"""A smaller difference is none: no two clocks agree to the second."""
CUT_OFF = timedelta(seconds=1)
"""A date in whole seconds may be as much earlier than it was written."""
_SECONDS = re.compile(r"\d{1,9}(\.\d{1,6})?")
NOT_BELIEVED = timedelta(days=3650)
"""A clock that far off is not set at all (1 January 1970), and tells nothing."""


def clock_offset(said: str, *, asked_at: datetime, answered_at: datetime) -> timedelta | None:
    """The source's clock minus ours; ``None`` for a date that is missing or can't be read.

    The source wrote the date somewhere between the question and the answer: what lies between them, two
    seconds more either way, is no difference.
    """
    theirs = _instant(said)
    if theirs is None:
        return None
    earliest, latest = theirs - answered_at, theirs + CUT_OFF - asked_at
    if earliest <= IGNORED and latest >= -IGNORED:
        return timedelta()
    nearest = earliest if earliest > timedelta() else latest
    return None if abs(nearest) > NOT_BELIEVED else nearest


def waiting_time(retry_after: str, *, told_at: str = "", now: datetime) -> float | None:
    """How many seconds a ``Retry-After`` asks to wait, written as seconds or as a date; ``None`` for neither.

    A date is counted from the answer's own ``Date`` (``told_at``), else from ``now``; one that is past is 0.
    """
    said = retry_after.strip()
    if _SECONDS.fullmatch(said):
        return float(said)
    until = _instant(said)
    return None if until is None else max((until - (_instant(told_at) or now)).total_seconds(), 0.0)


def _instant(said: str) -> datetime | None:
    try:
        told = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    # "-0000" is read as naive; the standard has only GMT.
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told
