"""How pages write days, times and counts: as people in England read them.

Every moment is shown in England's time, whatever the server's clock is set to, and templates wrap it in a
`time` element that a machine can read as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from schoolgate.lib.clock import LONDON

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_NOON = 12


def day(value: date | datetime | str | None) -> str:
    """23 November 2026; an instant's day is England's. Text is read as YYYY-MM-DD."""
    if not value:
        return ""
    found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    if isinstance(found, datetime):
        found = found.astimezone(LONDON).date()
    return f"{found.day} {found:%B %Y}"


def weekday(value: date) -> str:
    """Tuesday 24 November, for days of this or the coming year."""
    return f"{value:%A} {value.day} {value:%B}"


def weekday_and_time(value: datetime) -> str:
    """Tuesday 24 November 2026 at 2:10am."""
    local = value.astimezone(LONDON)
    return f"{local:%A} {day(local)} at {clock_time(value)}"


def clock_time(value: datetime | time | None) -> str:
    """2:05pm; midnight and midday in words, since 12am and 12pm are read both ways."""
    if value is None:
        return ""
    at = value.astimezone(LONDON).time() if isinstance(value, datetime) else value
    if (at.hour, at.minute) == (0, 0):
        return "midnight"
    if (at.hour, at.minute) == (_NOON, 0):
        return "midday"
    hour = at.hour % _NOON or _NOON
    return f"{hour}:{at.minute:02d}{'am' if at.hour < _NOON else 'pm'}"


def to_the_second(value: datetime) -> str:
    """23/11/2026 02:05:09, as the task log writes it."""
    return f"{value.astimezone(LONDON):%d/%m/%Y %H:%M:%S}"


def moment(value: datetime, *, now: datetime) -> str:
    """Today, yesterday, tomorrow or the day, then the time: `today at 2:05pm`."""
    local, today = value.astimezone(LONDON).date(), now.astimezone(LONDON).date()
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}
    name = near.get((local - today).days)
    return f"{name or day(local)} at {clock_time(value)}"


def ago(value: datetime, *, now: datetime) -> str:
    """`2 hours ago`, rounded down; after four weeks the day itself."""
    seconds = int((now - value).total_seconds())
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{counted(seconds // _MINUTE, 'minute')} ago"
    if seconds < _DAY:
        return f"{counted(seconds // _HOUR, 'hour')} ago"
    if seconds < 28 * _DAY:
        return f"{counted(seconds // _DAY, 'day')} ago"
    return f"on {day(value)}"


def lasted(value: timedelta | None) -> str:
    """How long something took: `8 seconds`, `3 minutes 5 seconds`, `2 hours 4 minutes`."""
    if value is None:
        return ""
    seconds = max(int(value.total_seconds()), 0)
    if seconds < 1:
        return "less than a second"
    if seconds < _MINUTE:
        return counted(seconds, "second")
    if seconds < _HOUR:
        return _two(seconds // _MINUTE, "minute", seconds % _MINUTE, "second")
    return _two(seconds // _HOUR, "hour", seconds % _HOUR // _MINUTE, "minute")


def roughly(value: timedelta) -> str:
    """An estimate that claims no more than it knows: `about 2 minutes`, `less than a minute`."""
    minutes = round(value.total_seconds() / _MINUTE)
    if minutes < 1:
        return "less than a minute"
    if minutes < _MINUTE:
        return f"about {counted(minutes, 'minute')}"
    return f"about {counted(round(minutes / _MINUTE), 'hour')}"


def _two(more: int, more_name: str, less: int, less_name: str) -> str:
    return counted(more, more_name) + (f" {counted(less, less_name)}" if less else "")


def number(value: int | None) -> str:
    """12,345."""
    return "" if value is None else f"{value:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 base`, `1,204 bases`, `no bases`."""
    name = one if count == 1 else many or f"{one}s"
    return f"{count:,} {name}" if count else f"no {name}"


def listed(names: list[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def size(value: int) -> str:
    """Bytes as people say them: `812 bytes`, `14 KB`, `3.1 MB`."""
    kilo = 1000
    if value < kilo:
        return counted(value, "byte")
    if value < kilo * kilo:
        return f"{value / kilo:.0f} KB"
    return f"{value / kilo / kilo:.1f} MB"


def first_upper(text: str) -> str:
    """Opens a sentence, leaving the other letters alone."""
    return text[:1].upper() + text[1:]


FILTERS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        "day": day,
        "weekday": weekday,
        "weekday_and_time": weekday_and_time,
        "clock_time": clock_time,
        "to_the_second": to_the_second,
        "moment": moment,
        "ago": ago,
        "lasted": lasted,
        "number": number,
        "counted": counted,
        "listed": listed,
        "size": size,
        "first_upper": first_upper,
    }
)
"""What templates may call after a bar; given to Jinja2 by `config.jinja2`."""
