"""Days as sources write them: alone, or as an instant, which is a day in London.

An instant with a zone is the day it is in London, so that midnight in summer, sent in UTC as 23:00 of the day
before, is the day that was meant. One without a zone is the day that is written. The years 0, 1 and 9999 are
what programs write for "no day".
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
NO_YEARS = frozenset({0, 1, 9999})
"""Years in which nothing is dated: the ends of the calendars of programs and databases."""

_WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([^ ].*))?", re.ASCII | re.DOTALL)
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?"
    r"(?: ?([Zz])| ?([+-])([0-9]{2})(?::?([0-5][0-9]))?)?",
    re.ASCII,
)


def written_day(text: str) -> str | None:
    """The day (YYYY-MM-DD) that a text is, ``None`` for "no day".

    Raises ValueError, with what is wrong with it in plain words, for a text that is neither a day nor an
    instant, or has something behind it.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError("is not a date written YYYY-MM-DD")
    year, month, day = (int(found[number]) for number in (1, 2, 3))
    moment = None if found[4] is None else _moment(found[4])
    if year in NO_YEARS:
        return None
    try:
        on = date(year, month, day)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None
    if moment is not None and moment.tzinfo is not None:
        on = datetime.combine(on, moment).astimezone(LONDON).date()
    return None if on.year in NO_YEARS else on.isoformat()


def _moment(text: str) -> time:
    """The time of day behind a day; a fraction of a second changes no day, however long it is."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("is not a date written YYYY-MM-DD, nor one with a time behind it")
    hour, minute, second, utc, sign, zone_hours, zone_minutes = found.groups()
    try:
        zone = UTC if utc else None
        if sign:
            offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes or 0))
            zone = timezone(-offset if sign == "-" else offset)
        return time(int(hour), int(minute), int(second or 0), tzinfo=zone)
    except ValueError:
        raise ValueError("has a time that no clock shows") from None
