"""When a task is due: once, weekly or monthly, at times of day in England, both clock changes included.

A time that the spring change skips is due at the end of the gap (29 March 2026, 01:30 runs at 02:00); a
time that the autumn change repeats is due at its first pass only (25 October 2026, 01:30). Repeats within
the day follow the same rule, so that each time on the clock's face comes once a day.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from schoolgate.lib.clock import LONDON

ONCE, WEEKLY, MONTHLY = "once", "weekly", "monthly"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST_WAIT = timedelta(days=366 * 8 + 31)
"""29 February in ticked months aside, every schedule comes round within a year; eight are beyond doubt."""


MOST_WINDOW_MINUTES = 720
"""A random window ends before the next day's begins, so that occurrences keep their order."""

Closed = tuple[tuple[date, date], ...]
"""Days on which nothing is due, as half-open spans."""
Spread = Callable[[date], timedelta]
"""By how much later than planned a base's occurrences of a day are due."""


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When a task is due. Times are the wall clock in England.

    ``weekdays`` count from 0, Monday; ``month_day`` beyond a month's end means its last day;
    ``expires_on`` is the last day on which it may be due. With ``repeat_minutes`` it is due again every so
    many minutes until ``repeat_until``, that time included. ``window_minutes`` is the random window: each
    base's occurrence falls somewhere within so many minutes after the planned time (:func:`spread_for`).
    """

    frequency: str
    starts_on: date
    start_time: time
    weekdays: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    month_day: int | None = None
    expires_on: date | None = None
    repeat_minutes: int | None = None
    repeat_until: time | None = None
    window_minutes: int = 0


def spread_for(*, task_id: int, base_id: int, window_minutes: int) -> Spread | None:
    """How a base's occurrences are spread over the window: by chance, and the same whoever asks."""
    if window_minutes <= 0:
        return None
    seconds = min(window_minutes, MOST_WINDOW_MINUTES) * 60

    def later(day: date) -> timedelta:
        drawn = blake2b(f"{task_id} {base_id} {day.isoformat()}".encode(), digest_size=8).digest()
        return timedelta(seconds=int.from_bytes(drawn) % seconds)

    return later


class Occurrence(NamedTuple):
    """When a task is due, and the day it was planned for, which a random window may leave."""

    due_at: datetime
    planned_on: date


def next_due(
    schedule: Schedule, after: datetime, *, closed: Closed = (), spread: Spread | None = None
) -> datetime | None:
    """The first instant later than ``after`` at which the task is due, in UTC; ``None`` if never again.

    Occurrences planned for ``closed`` days are passed over; ``spread`` is a base's place in the window.
    """
    found = next_occurrence(schedule, after, closed=closed, spread=spread)
    return None if found is None else found.due_at


def next_occurrence(
    schedule: Schedule, after: datetime, *, closed: Closed = (), spread: Spread | None = None
) -> Occurrence | None:
    """The same, with the day the occurrence was planned for."""
    found: Occurrence | None = None
    earliest = max(schedule.starts_on, after.astimezone(LONDON).date() - timedelta(days=2))
    for day in _days(schedule, earliest):
        if found is not None and instant_of(day, time(0)) > found.due_at:
            break
        if is_closed(day, closed):
            continue
        shift = spread(day) if spread is not None else timedelta(0)
        first = next((each + shift for each in instants_on(schedule, day) if each + shift > after), None)
        if first is not None and (found is None or first < found.due_at):
            found = Occurrence(due_at=first, planned_on=day)
    return found


def instants_on(schedule: Schedule, day: date) -> list[datetime]:
    """The instants of a day on which the task is due, in order, each once, before any random window."""
    return sorted({instant_of(day, at) for at in _times(schedule)})


def is_closed(day: date, closed: Closed) -> bool:
    """Whether nothing is due on a day."""
    return any(from_on <= day < until_on for from_on, until_on in closed)


@cache
def _times(schedule: Schedule) -> tuple[time, ...]:
    """The times of day, repeats included."""
    if not schedule.repeat_minutes or schedule.repeat_until is None:
        return (schedule.start_time,)
    first = schedule.start_time.hour * 60 + schedule.start_time.minute
    last = schedule.repeat_until.hour * 60 + schedule.repeat_until.minute
    minutes = range(first, max(first, last) + 1, schedule.repeat_minutes)
    return tuple(time(minute // 60, minute % 60) for minute in minutes)


def due_days(schedule: Schedule, *, from_on: date, until_on: date) -> Iterator[date]:
    """The days from ``from_on`` up to but not ``until_on`` on which the task is due, closed ones included."""
    for day in _days(schedule, max(from_on, schedule.starts_on)):
        if day >= until_on:
            return
        yield day


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
