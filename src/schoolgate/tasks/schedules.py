"""When a task is due: once, weekly or monthly, at a time of day in England, both clock changes included.

A time that the spring change skips is due at the end of the gap (29 March 2026, 01:30 runs at 02:00); a
time that the autumn change repeats is due at its first pass only (25 October 2026, 01:30).
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from schoolgate.lib.clock import LONDON

ONCE, WEEKLY, MONTHLY = "once", "weekly", "monthly"
LONGEST_WAIT = timedelta(days=366 * 8 + 31)
"""29 February in ticked months aside, every schedule comes round within a year; eight are beyond doubt."""

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS = (0, 1, 2, 3, 4)


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When a task is due. Times are the wall clock in England.

    ``weekdays`` count from 0, Monday; ``month_day`` beyond a month's end means its last day;
    ``expires_on`` is the last day on which it may be due.
    """

    frequency: str
    starts_on: date
    start_time: time
    weekdays: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    month_day: int | None = None
    expires_on: date | None = None


def next_due(schedule: Schedule, after: datetime) -> datetime | None:
    """The first instant later than ``after`` at which the task is due, in UTC; ``None`` if never again."""
    earliest = max(schedule.starts_on, after.astimezone(LONDON).date() - timedelta(days=1))
    for day in _days(schedule, earliest):
        instant = instant_of(day, schedule.start_time)
        if instant > after:
            return instant
    return None


def instant_of(day: date, at: time) -> datetime:
    """The instant of a wall-clock time in England: a repeated one's first pass, a skipped one's gap end."""
    wall = datetime.combine(day, at.replace(tzinfo=None, fold=0), tzinfo=LONDON)
    instant = wall.astimezone(UTC)
    if instant.astimezone(LONDON).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(instant)


def _end_of_gap(instant: datetime) -> datetime:
    """English clocks go forward at 01:00 UTC, so the first instant after the gap is that hour's start."""
    return instant.replace(hour=1, minute=0, second=0, microsecond=0)


def _days(schedule: Schedule, earliest: date) -> Iterator[date]:
    """The days on which the task is due, from ``earliest`` on."""
    last = min(schedule.expires_on or date.max, earliest + LONGEST_WAIT)
    if schedule.frequency == ONCE:
        if earliest <= schedule.starts_on <= last:
            yield schedule.starts_on
        return
    day = earliest
    while day <= last:
        if _is_due_on(schedule, day):
            yield day
        day += timedelta(days=1)


def _is_due_on(schedule: Schedule, day: date) -> bool:
    if schedule.frequency == WEEKLY:
        return day.weekday() in schedule.weekdays
    last_of_month = calendar.monthrange(day.year, day.month)[1]
    return day.month in schedule.months and day.day == min(schedule.month_day or 1, last_of_month)


def in_words(schedule: Schedule, *, first_at: datetime | None, today: date) -> str:
    """The schedule as a sentence: "Every weekday at 2:10am, first on Tuesday 24 November"."""
    what = f"{_how_often(schedule, today=today)} at {time_in_words(schedule.start_time)}"
    if schedule.expires_on is not None:
        what += f", until {day_in_words(schedule.expires_on, today=today)}"
    if first_at is None:
        return f"{what}; not due any more"
    if schedule.frequency == ONCE:
        return what
    return f"{what}, first on {day_in_words(first_at.astimezone(LONDON).date(), today=today)}"


def _how_often(schedule: Schedule, *, today: date) -> str:
    if schedule.frequency == ONCE:
        return f"Once, on {day_in_words(schedule.starts_on, today=today)}"
    if schedule.frequency == WEEKLY:
        return f"Every {_days_in_words(schedule.weekdays)}"
    months = (
        "month"
        if len(set(schedule.months)) == len(calendar.month_name) - 1
        else _list([calendar.month_name[month] for month in sorted(set(schedule.months))])
    )
    return f"On day {schedule.month_day or 1} of every {months}"


def _days_in_words(weekdays: tuple[int, ...]) -> str:
    days = tuple(sorted(set(weekdays)))
    if len(days) == len(DAYS):
        return "day"
    if days == WEEKDAYS:
        return "weekday"
    return _list([DAYS[day] for day in days])


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def time_in_words(at: time) -> str:
    """A time of day as officers read it: 2:10am, 2pm, midday, midnight."""
    if at == time(0):
        return "midnight"
    if at == time(12):
        return "midday"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{(at.hour - 1) % 12 + 1}{minutes}{'am' if at.hour < 12 else 'pm'}"  # noqa: PLR2004 - noon


def day_in_words(day: date, *, today: date) -> str:
    """Tuesday 24 November, with the year where it is not this one."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{DAYS[day.weekday()]} {day.day} {calendar.month_name[day.month]}{year}"
