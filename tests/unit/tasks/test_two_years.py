"""Every kind of schedule over two years, all four clock changes included, against a clock that is watched.

The oracle looks at the clock on the wall every minute of the two years. Whenever the clock reaches a time of a
due day, or has jumped past it, and that time has not come that day, the task is due.
"""

from __future__ import annotations

import calendar
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from schoolgate.lib.clock import LONDON
from schoolgate.tasks.schedules import Schedule, next_due, next_occurrence, spread_for

START = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2028, 1, 1, tzinfo=UTC)
CHAIN = 400


@cache
def watched() -> list[tuple[date, list[tuple[datetime, int]]]]:
    """Every minute of the two years by the day it is in England: the instant, and the minute the wall shows."""
    minutes = (START + timedelta(minutes=each) for each in range(int((UNTIL - START).total_seconds() // 60)))
    seen = ((each, each.astimezone(LONDON)) for each in minutes)
    return [
        (day, [(instant, wall.hour * 60 + wall.minute) for instant, wall in each])
        for day, each in groupby(seen, key=lambda pair: pair[1].date())
    ]


def is_due_day(schedule: Schedule, day: date) -> bool:
    if day < schedule.starts_on or (schedule.expires_on and day > schedule.expires_on):
        return False
    if schedule.frequency == "once":
        return day == schedule.starts_on
    if schedule.frequency == "weekly":
        return day.weekday() in schedule.weekdays
    last = calendar.monthrange(day.year, day.month)[1]
    return day.month in schedule.months and day.day == min(schedule.month_day or 1, last)


def times_of(schedule: Schedule) -> list[int]:
    at = schedule.start_time.hour * 60 + schedule.start_time.minute
    found = [at]
    while schedule.repeat_minutes and schedule.repeat_until:
        at += schedule.repeat_minutes
        if at > schedule.repeat_until.hour * 60 + schedule.repeat_until.minute:
            break
        found.append(at)
    return found


def oracle(schedule: Schedule, closed: tuple[tuple[date, date], ...]) -> list[tuple[datetime, date]]:
    found: list[tuple[datetime, date]] = []
    for day, minutes in watched():
        if not is_due_day(schedule, day) or any(first <= day < until for first, until in closed):
            continue
        ahead = times_of(schedule)
        for instant, shown in minutes:
            has_come = False
            while ahead and shown >= ahead[0]:
                ahead.pop(0)
                has_come = True
            if has_come:
                found.append((instant, day))
            if not ahead:
                break
    return found


CHANGES = (date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31))
days = st.dates(date(2026, 1, 1), date(2027, 12, 1)) | st.sampled_from(CHANGES)
minutes_of_day = st.times().map(lambda at: at.replace(second=0, microsecond=0))
near_the_change = st.times(max_value=time(3)).map(lambda at: at.replace(second=0, microsecond=0))
closures = st.lists(
    st.tuples(days, st.integers(1, 40)).map(lambda each: (each[0], each[0] + timedelta(days=each[1]))),
    max_size=3,
).map(tuple)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    frequency = draw(st.sampled_from(["once", "weekly", "monthly"]))
    starts_on = draw(days)
    start_time = draw(minutes_of_day | near_the_change)
    repeats = {}
    if frequency != "once" and start_time < time(23) and draw(st.booleans()):
        until = draw(st.times(min_value=start_time.replace(hour=start_time.hour + 1)))
        repeats = {
            "repeat_minutes": draw(st.integers(5, 720)),
            "repeat_until": until.replace(second=0, microsecond=0),
        }
    return Schedule(
        frequency=frequency,
        starts_on=starts_on,
        start_time=start_time,
        weekdays=tuple(draw(st.sets(st.integers(0, 6), min_size=1))),
        months=tuple(draw(st.sets(st.integers(1, 12), min_size=1))),
        month_day=draw(st.integers(1, 31)),
        expires_on=draw(st.none() | st.dates(starts_on, date(2027, 12, 31))),
        **repeats,
    )


@settings(max_examples=100, deadline=None)
@given(schedule=schedules(), closed=closures, data=st.data())
def test_is_due_whenever_the_watched_clock_says_so(schedule, closed, data):
    expected = oracle(schedule, closed)
    instants = [instant for instant, _ in expected]
    # From the beginning on, one after the other; from anywhere else, the one that is next there.
    after = START - timedelta(microseconds=1)
    for wanted in expected[:CHAIN]:
        found = next_occurrence(schedule, after, closed=closed)
        assert found == wanted
        after = found.due_at
    for change in CHANGES:
        around = datetime.combine(change, time(), tzinfo=UTC) + timedelta(
            minutes=data.draw(st.integers(-300, 300))
        )
        assert_next(schedule, around, closed, instants)
    assert_next(
        schedule,
        START + timedelta(minutes=data.draw(st.integers(0, 960_000))),
        closed,
        instants,
    )


def assert_next(schedule, after, closed, instants):
    place = bisect_right(instants, after)
    found = next_due(schedule, after, closed=closed)
    if place < len(instants):
        assert found == instants[place]
    else:
        assert found is None or found >= UNTIL


@settings(max_examples=50, deadline=None)
@given(
    schedule=schedules(), task_id=st.integers(1, 9), base_id=st.integers(1, 600), window=st.integers(1, 720)
)
def test_spreads_each_days_occurrences_within_the_window_and_loses_none(schedule, task_id, base_id, window):
    spread = spread_for(task_id=task_id, base_id=base_id, window_minutes=window)
    assert spread is not None
    planned = oracle(schedule, ())[:200]
    expected = sorted({instant + spread(day) for instant, day in planned})
    after = START - timedelta(microseconds=1)
    for wanted in expected[: max(len(expected) - 150, 1)] if len(planned) == 200 else expected:
        found = next_due(schedule, after, spread=spread)
        assert found == wanted
        after = found


def test_gives_600_bases_places_all_over_the_window_and_the_same_ones_again():
    day = date(2026, 11, 24)
    places = [spread_for(task_id=7, base_id=base_id, window_minutes=120)(day) for base_id in range(600)]
    assert places == [
        spread_for(task_id=7, base_id=base_id, window_minutes=120)(day) for base_id in range(600)
    ]
    assert all(timedelta(0) <= place < timedelta(hours=2) for place in places)
    by_ten_minutes = {int(place.total_seconds() // 600) for place in places}
    assert by_ten_minutes == set(range(12))
    assert max(places.count(place) for place in places) < 5


def test_has_no_spread_without_a_window():
    assert spread_for(task_id=1, base_id=1, window_minutes=0) is None
