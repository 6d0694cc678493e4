"""When a task is due, held against an oracle that walks the clock on the wall minute by minute."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.lib.clock import LONDON
from schoolgate.tasks.schedule_words import in_words
from schoolgate.tasks.schedules import Schedule, next_due

MINUTE = timedelta(minutes=1)
CLOCK_CHANGES = (date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31))


def weekly(at: time, *, starts_on: date = date(2026, 1, 1), **more: object) -> Schedule:
    return Schedule(frequency="weekly", starts_on=starts_on, start_time=at, weekdays=tuple(range(7)), **more)


def occurrences(schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
    found = []
    due = next_due(schedule, after)
    while due is not None and due < until:
        found.append(due)
        due = next_due(schedule, due)
    return found


def oracle(schedule: Schedule, after: datetime, until: datetime) -> list[datetime]:
    """Due whenever the wall clock of a due day reaches the time, or jumps over it, for the first time."""
    found, seen = [], set()
    instant = after.replace(second=0, microsecond=0)
    before = (instant - MINUTE).astimezone(LONDON).replace(tzinfo=None)
    while instant < until:
        wall = instant.astimezone(LONDON).replace(tzinfo=None)
        target = datetime.combine(wall.date(), schedule.start_time)
        has_come = wall == target or before < target < wall
        if has_come and wall.date() not in seen and is_due_day(schedule, wall.date()):
            seen.add(wall.date())
            if instant > after:
                found.append(instant)
        before = wall
        instant += MINUTE
    return found


def is_due_day(schedule: Schedule, day: date) -> bool:
    if day < schedule.starts_on or (schedule.expires_on and day > schedule.expires_on):
        return False
    if schedule.frequency == "once":
        return day == schedule.starts_on
    if schedule.frequency == "weekly":
        return day.weekday() in schedule.weekdays
    last = calendar.monthrange(day.year, day.month)[1]
    return day.month in schedule.months and day.day == min(schedule.month_day, last)


days_near_a_change = st.sampled_from(CLOCK_CHANGES).flatmap(
    lambda change: st.dates(change - timedelta(days=2), change)
)
schedules = st.builds(
    Schedule,
    frequency=st.sampled_from(["once", "weekly", "monthly"]),
    starts_on=days_near_a_change,
    start_time=st.times(min_value=time(0, 0), max_value=time(3, 59)).map(
        lambda at: at.replace(second=0, microsecond=0)
    ),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(tuple),
    months=st.sets(st.integers(1, 12), min_size=1).map(tuple),
    month_day=st.integers(1, 31),
    expires_on=st.none() | days_near_a_change,
)


@settings(max_examples=60, deadline=None)
@given(schedule=schedules, hours=st.integers(-30, 30))
def test_is_due_exactly_when_the_clock_on_the_wall_says_so(schedule, hours):
    after = datetime.combine(schedule.starts_on, time(), tzinfo=UTC) + timedelta(hours=hours)
    until = after + timedelta(days=4)
    # The oracle starts a day early so that it knows whether today's time has come already.
    expected = [due for due in oracle(schedule, after - timedelta(days=1), until) if due > after]
    assert occurrences(schedule, after, until) == expected


def test_runs_once_at_the_end_of_the_gap_in_spring():
    due = occurrences(
        weekly(time(1, 30)), datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 0, tzinfo=UTC)
    )
    assert [each.astimezone(LONDON).strftime("%d %H:%M") for each in due] == ["29 02:00"]


def test_runs_once_at_the_first_pass_in_autumn():
    due = occurrences(
        weekly(time(1, 30)), datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 0, tzinfo=UTC)
    )
    assert due == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_is_due_on_the_last_day_of_a_month_that_is_too_short():
    schedule = Schedule(
        frequency="monthly", starts_on=date(2026, 1, 1), start_time=time(2), months=(2, 3), month_day=31
    )
    due = occurrences(schedule, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert [each.astimezone(LONDON).date() for each in due] == [date(2026, 2, 28), date(2026, 3, 31)]


def test_is_never_due_again_after_its_last_day():
    schedule = weekly(time(2), expires_on=date(2026, 1, 3))
    assert next_due(schedule, datetime(2026, 1, 3, 12, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (
            Schedule(
                frequency="weekly",
                starts_on=date(2026, 11, 24),
                start_time=time(2, 10),
                weekdays=(0, 1, 2, 3, 4),
            ),
            "Every weekday at 2:10am, first on Tuesday 24 November",
        ),
        (
            Schedule(frequency="weekly", starts_on=date(2026, 11, 24), start_time=time(12), weekdays=(4, 0)),
            "Every Monday and Friday at midday, first on Friday 27 November",
        ),
        (
            Schedule(frequency="once", starts_on=date(2027, 1, 5), start_time=time(14, 0)),
            "Once, on Tuesday 5 January 2027 at 2pm",
        ),
        (
            Schedule(
                frequency="monthly",
                starts_on=date(2026, 11, 24),
                start_time=time(0, 5),
                months=tuple(range(1, 13)),
                month_day=1,
                expires_on=date(2027, 3, 1),
            ),
            "On day 1 of every month at 12:05am, until Monday 1 March 2027, first on Tuesday 1 December",
        ),
        (
            Schedule(frequency="once", starts_on=date(2026, 11, 2), start_time=time(14, 0)),
            "Once, on Monday 2 November at 2pm; not due any more",
        ),
    ],
)
def test_says_a_schedule_in_words(schedule, words):
    first = next_due(schedule, datetime(2026, 11, 23, 9, tzinfo=UTC))
    assert in_words(schedule, first_at=first, today=date(2026, 11, 23)) == words
