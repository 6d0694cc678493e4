"""Marks in a string: where a mark stands, and how days and school sessions are named.

A year's string has two characters for every calendar day from ``start_date``, morning then
afternoon: ``-`` where there is no mark, ``#`` for a closure. Where an attendance code has two
characters the string holds its main one and the whole code is kept beside it.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from schoolgate.authority.academic_years import YearStart, academic_year_of
from schoolgate.codes import attendance as attendance_codes

SESSIONS = ("AM", "PM")
NO_MARK = "-"
CLOSURE = "#"
FIRST_YEAR, LAST_YEAR = 1950, 2199
"""Marks of days before and after these calendar years are refused: nobody's attendance lies there."""
UNDATED = frozenset(
    code
    for code, found in attendance_codes.CODES.items()
    if found.entry.valid_from is None and (found.is_still_taken or found.entry.valid_until is None)
)
"""Codes known on every day, and so for nearly every mark."""


class Day(msgspec.Struct, frozen=True):
    """A calendar day as the merge needs it: its ISO form, its number, its academic year."""

    on: str
    ordinal: int
    academic_year: int

    @property
    def is_kept(self) -> bool:
        """Whether marks of this day are kept at all."""
        return FIRST_YEAR <= date.fromordinal(self.ordinal).year <= LAST_YEAR


def place_of(day: date, session: str, *, start_date: date) -> int:
    """Where a day's morning (``AM``) or afternoon (``PM``) stands in the string, from 0."""
    return (day - start_date).days * 2 + SESSIONS.index(session)


def parse_day(on: str, *, starts_on: YearStart) -> Day:
    """Read a day written YYYY-MM-DD; anything else is a ValueError."""
    day = date.fromisoformat(on)
    if day.isoformat() != on:
        raise ValueError("a day is written YYYY-MM-DD")
    return Day(on, day.toordinal(), academic_year_of(day, starts_on=starts_on))


def session_key(on: str, half: int) -> str:
    """How a school session is named beside the string: ``2025-09-01 AM``."""
    return f"{on} {SESSIONS[half]}"


def days_between(from_on: date, until_on: date) -> list[date]:
    """The calendar days from the first up to, and without, the last."""
    return [from_on + timedelta(days=number) for number in range((until_on - from_on).days)]
