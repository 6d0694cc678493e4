"""The only way a page gets a pupil's attendance for a person: marks are facts of a pupil at a base."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from schoolgate.accounts.rights import Person, Right
from schoolgate.accounts.scopes import scope_of
from schoolgate.attendance import queries
from schoolgate.attendance.queries import CalendarDay, CalendarMark, HeldMarks, YearCalendar

__all__ = [
    "CalendarDay",
    "CalendarMark",
    "HeldMarks",
    "YearCalendar",
    "marks_on_for",
    "year_for",
    "years_for",
]


def years_for(user: Person, pupil_id: int) -> list[tuple[int, int]]:
    """Base and academic year of what is held of a pupil at this person's bases, newest first."""
    return queries.years_of(scope_of(user, Right.PUPILS_VIEW), pupil_id)


def year_for(user: Person, pupil_id: int, base_id: int, academic_year: int) -> YearCalendar | None:
    """A pupil's year at one of this person's bases as a calendar; ``None`` for anything else."""
    if not scope_of(user, Right.PUPILS_VIEW).may_see(base_id):
        return None
    return queries.year_calendar(pupil_id, base_id, academic_year)


def marks_on_for(
    user: Person, days: Mapping[int, Collection[date]], *, base_id: int
) -> dict[tuple[int, date], HeldMarks]:
    """The marks held of some pupils on some days at one of this person's bases, by pupil and day."""
    if not days or not scope_of(user, Right.PUPILS_VIEW).may_see(base_id):
        return {}
    return queries.marks_on(days, base_id=base_id)
