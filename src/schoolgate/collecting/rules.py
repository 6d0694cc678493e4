"""Decisions of collecting as plain functions: turns at the source, cohort, what a leaver sends."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from schoolgate.importing.admission import is_in_cohort
from schoolgate.tasks.cohorts import Cohort
from schoolgate_message.roll_states import CURRENT, FUTURE, LEAVER

WINDOW_SECONDS = 1.0
"""The source counts its calls over any second that passes, not over the clock's."""
MARGIN = 0.045
"""By how much the space between calls is wider than it need be, to allow for the way to the source.

Five calls a second are then sent 209 ms apart: six never fall into one second unless one is 45 ms later
and another is not, and 95.7 % of the allowed calls are used.
"""
LATE_SECONDS = 0.03
"""A caller who wakes later than this after its turn gives the turn up and takes another."""

RESTARTS_OF_A_DOMAIN = 2
MARKS_IN_REACH = 120
"""A pupil's marks in three months: two on each of some sixty school days."""

MOST_PUPILS_A_FILE = 5000
MOST_BYTES_A_FILE = 64 * 1024 * 1024
XML_GROWTH = 2.5
"""How much larger a block is in XML than in canonical form, at most, with its pupil's share of the roll."""


class Turn(NamedTuple):
    """When a caller may call, and from when on the next may; in seconds on one clock."""

    at: float
    next_at: float


def interval_for(calls_per_second: float) -> float:
    """The seconds between two calls for so many calls a second."""
    if calls_per_second <= 0:
        raise ValueError("a source must allow some calls")
    return WINDOW_SECONDS / calls_per_second * (1 + MARGIN)


def next_turn(*, next_at: float, paused_until: float, now: float, interval: float) -> Turn:
    """The turn of one who asks now. The SQL of ``limiter`` says the same; a test holds it to this."""
    at = max(next_at, paused_until, now)
    return Turn(at=at, next_at=at + interval)


def is_too_late(*, turn_at: float, now: float) -> bool:
    """Whether a caller woke so late that its call could come too near the one after."""
    return now - turn_at > LATE_SECONDS


def has_come(state: str, before: str) -> bool:
    """Whether somebody who had left, or was expected, is on the roll now.

    Of such a pupil the source lists rows that are older than any "changed since", and were never sent.
    """
    return (before == LEAVER and state != LEAVER) or (before == FUTURE and state == CURRENT)


def belongs(
    cohort: Cohort,
    *,
    nc_year: str,
    state: str,
    was_sent_before: bool,
    has_leaving_landed: bool,
    left_on: date | None,
    is_looked_after: bool,
    today: date,
) -> bool:
    """Whether a pupil belongs to the cohort of a task, all filters told.

    A leavers' task has only leavers, and of them only those whose leaving details landed before, which a
    task for everybody else brings (handbook); their months are counted back from ``today``.
    """
    if cohort.is_looked_after_only and not is_looked_after:
        return False
    if not cohort.is_leavers:
        return is_in_cohort(nc_year, nc_years=cohort.nc_years, state=state, was_sent_before=was_sent_before)
    if state != LEAVER or not has_leaving_landed or (cohort.nc_years and nc_year not in cohort.nc_years):
        return False
    if cohort.leaver_months is None:
        return True
    return left_on is not None and left_on >= _months_back(today, cohort.leaver_months)


def _months_back(day: date, months: int) -> date:
    """The same day so many months earlier, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def is_roll_changed(now: Mapping[str, str], before: Mapping[str, str], *, is_whole_roll: bool) -> bool:
    """Whether the roll says something else than when it last landed: by external id, the state.

    With ``is_whole_roll`` (no cohort) somebody missing is a change too.
    """
    if any(before.get(external_id) != state for external_id, state in now.items()):
        return True
    return is_whole_roll and any(
        state in {CURRENT, FUTURE} and external_id not in now for external_id, state in before.items()
    )


@dataclass(frozen=True, slots=True)
class Weighed:
    """A pupil on the way into a file, and how many bytes the canonical blocks have."""

    external_id: str
    size: int


def parts_of(pupils: Iterable[Weighed]) -> list[list[str]]:
    """Split a run's pupils into files of at most 5,000 pupils and, safely, 64 MB; at least one file."""
    parts: list[list[str]] = [[]]
    size = 0.0
    for pupil in pupils:
        weight = pupil.size * XML_GROWTH
        if parts[-1] and (len(parts[-1]) >= MOST_PUPILS_A_FILE or size + weight > MOST_BYTES_A_FILE):
            parts.append([])
            size = 0.0
        parts[-1].append(pupil.external_id)
        size += weight
    return parts


def reads_marks_by_id(calls: int, *, on_roll: int, page_rows: int = 1000) -> bool:
    """Whether so many calls for single pupils' marks are fewer than reading all that the source reaches."""
    return calls < max(1, on_roll * MARKS_IN_REACH // page_rows)


def reads_by_id(pupils: int, *, on_roll: int, page_rows: int = 1000) -> bool:
    """Whether it takes fewer calls to read so many pupils one by one than their domain whole."""
    return pupils <= max(1, on_roll // page_rows)
