"""A schedule in an officer's words: "Every weekday at 2:10am, first on Tuesday 24 November"."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time

from schoolgate.lib.clock import LONDON
from schoolgate.tasks.schedules import DAYS, ONCE, WEEKLY, Schedule

WEEKDAYS = (0, 1, 2, 3, 4)
HOUR = 60


def in_words(schedule: Schedule, *, first_at: datetime | None, today: date) -> str:
    """The schedule as a sentence: "Every weekday at 2:10am, first on Tuesday 24 November"."""
    what = f"{_how_often(schedule, today=today)} at {time_in_words(schedule.start_time)}{_repeats(schedule)}"
    if schedule.window_minutes:
        what += f", spread over {_minutes(schedule.window_minutes)}"
    if schedule.expires_on is not None:
        what += f", until {day_in_words(schedule.expires_on, today=today)}"
    if first_at is None:
        return f"{what}; not due any more"
    if schedule.frequency == ONCE:
        return what
    return f"{what}, first on {day_in_words(first_at.astimezone(LONDON).date(), today=today)}"


def _repeats(schedule: Schedule) -> str:
    if not schedule.repeat_minutes or schedule.repeat_until is None:
        return ""
    return f" and every {_minutes(schedule.repeat_minutes)} until {time_in_words(schedule.repeat_until)}"


def _minutes(minutes: int) -> str:
    if minutes % HOUR:
        return f"{minutes} minutes"
    return "hour" if minutes == HOUR else f"{minutes // HOUR} hours"


def _how_often(schedule: Schedule, *, today: date) -> str:
    if schedule.frequency == ONCE:
        return f"Once, on {day_in_words(schedule.starts_on, today=today)}"
    if schedule.frequency == WEEKLY:
        return f"Every {_days_in_words(schedule.weekdays)}"
    months = (
        "month"
        if len(set(schedule.months)) == 12  # noqa: PLR2004 - all of them
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
