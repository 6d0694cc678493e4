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
FIRST_DAY = date(1996, 9, 1)
"""Marks of days before are refused: nobody who can be on a roll today had begun school."""
LAST_DAY = date(2199, 12, 31)
"""The end of all time that is kept; see ``last_day`` for what a reading may tell of."""
AHEAD = timedelta(days=366)
"""So far ahead schools enter absences that they know of."""
UNDATED = frozenset(
    code
    for code, found in attendance_codes.CODES.items()
    if found.entry.valid_from is None and (found.is_still_taken or found.entry.valid_until is None)
)
"""Codes known on every day, and so for nearly every mark."""


class Day(msgspec.Struct, frozen=True):
    """A calendar day as the merge needs it: its ISO form, its number, its academic year.

    ``is_kept`` says whether marks of this day are kept at all.
    """

    on: str
    ordinal: int
    academic_year: int
    is_kept: bool = True


def place_of(day: date, session: str, *, start_date: date) -> int:
    """Where a day's morning (``AM``) or afternoon (``PM``) stands in the string, from 0."""
    return (day - start_date).days * 2 + SESSIONS.index(session)


def last_day(read_on: date) -> date:
    """The last day of which marks may come that were read on this one: a year ahead."""
    return min(read_on + AHEAD, LAST_DAY)


def parse_day(on: str, *, starts_on: YearStart, last_on: date = LAST_DAY) -> Day:
    """Read a day written YYYY-MM-DD; anything else is a ValueError. Marks are kept up to ``last_on``."""
    day = date.fromisoformat(on)
    if day.isoformat() != on:
        raise ValueError("a day is written YYYY-MM-DD")
    is_kept = FIRST_DAY <= day <= last_on
    return Day(on, day.toordinal(), academic_year_of(day, starts_on=starts_on), is_kept)


def session_key(on: str, half: int) -> str:
    """How a school session is named beside the string: ``2025-09-01 AM``."""
    return f"{on} {SESSIONS[half]}"


def days_between(from_on: date, until_on: date) -> list[date]:
    """The calendar days from the first up to, and without, the last."""
    return [from_on + timedelta(days=number) for number in range((until_on - from_on).days)]
