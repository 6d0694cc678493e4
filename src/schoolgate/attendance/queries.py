"""Reads attendance: a year as a calendar, the years held of a pupil, and statistics of a base."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import msgspec
from django.db import connection

from schoolgate.accounts.scopes import Scope
from schoolgate.attendance.counts import RECLASSIFIED, Statistics, count_marks, count_parts
from schoolgate.attendance.models import AttendanceYear
from schoolgate.attendance.rules import NO_MARK, SESSIONS, days_between, session_key
from schoolgate.codes.attendance import MarkClass, class_of, label

_STATISTICS = (Path(__file__).parent / "sql" / "statistics.sql").read_text(encoding="utf-8")
_codes_from_json = msgspec.json.Decoder(dict[str, str]).decode
_is_moved = re.compile("|".join(f'"{code}"' for code in RECLASSIFIED)).search
"""Whether any whole code of a year counts otherwise than its main character; few do."""


HeldMarks = tuple[str, str]
"""The codes of a morning and an afternoon; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarMark:
    """One mark as shown: the whole code, its words and class, and the code it replaced, if any."""

    code: str
    label: str
    mark_class: MarkClass
    corrected_from: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One day of the calendar; ``None`` where there is no mark."""

    on: date
    am: CalendarMark | None
    pm: CalendarMark | None

    @property
    def is_weekend(self) -> bool:
        """Whether it is a Saturday or Sunday."""
        return self.on.weekday() > 4  # noqa: PLR2004 - Friday is 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarMonth:
    """One month, its days in order."""

    first_on: date
    days: tuple[CalendarDay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class YearCalendar:
    """A pupil's academic year at a base, month by month, with its counts and where it came from."""

    academic_year: int
    start_on: date
    months: tuple[CalendarMonth, ...]
    statistics: Statistics
    run_id: int | None
    written_at: datetime


def years_of(scope: Scope, pupil_id: int) -> list[tuple[int, int]]:
    """Base and academic year of every string held of a pupil at the bases of a scope, newest first."""
    held = scope.narrow(AttendanceYear.objects.filter(pupil_id=pupil_id))
    held = held.order_by("-academic_year", "base_id")
    return list(held.values_list("base_id", "academic_year"))


def year_calendar(pupil_id: int, base_id: int, academic_year: int) -> YearCalendar | None:
    """A pupil's year at a base as a calendar; ``None`` where no mark is held."""
    held = AttendanceYear.objects.filter(
        pupil_id=pupil_id, base_id=base_id, academic_year=academic_year
    ).first()
    if held is None:
        return None
    until_on = held.start_date + timedelta(days=len(held.marks) // 2)
    days = [_day(held, number, on) for number, on in enumerate(days_between(held.start_date, until_on))]
    months = groupby(days, key=lambda day: day.on.replace(day=1))
    return YearCalendar(
        academic_year=academic_year,
        start_on=held.start_date,
        months=tuple(CalendarMonth(first_on=first_on, days=tuple(of_month)) for first_on, of_month in months),
        statistics=count_marks(
            held.marks,
            start_date=held.start_date,
            whole_codes=held.whole_codes,
            from_on=held.start_date,
            until_on=until_on,
        ),
        run_id=held.run_id,
        written_at=held.written_at,
    )


def marks_on(days: Mapping[int, Collection[date]], *, base_id: int) -> dict[tuple[int, date], HeldMarks]:
    """The codes held of some pupils at a base on some days each, morning and afternoon; "" for none.

    One query, whatever the number of pupils.
    """
    years = AttendanceYear.objects.filter(base_id=base_id, pupil_id__in=days)
    found: dict[tuple[int, date], HeldMarks] = {}
    for year in years:
        for on in days[year.pupil_id]:
            place = (on - year.start_date).days * 2
            if 0 <= place < len(year.marks):
                found[year.pupil_id, on] = (_code(year, on, 0, place), _code(year, on, 1, place + 1))
    return found


def _code(year: AttendanceYear, on: date, half: int, place: int) -> str:
    key = session_key(on.isoformat(), half)
    code: str = year.whole_codes.get(key, year.marks[place])
    return "" if code == NO_MARK else code


def statistics(
    base_id: int, *, from_on: date, until_on: date, pupil_ids: Sequence[int] | None = None
) -> dict[int, Statistics]:
    """Counts by pupil at a base, from ``from_on`` up to, and without, ``until_on``; by whole codes.

    Pupils without a string in that time are left out.
    """
    limits = (from_on.isoformat(), until_on.isoformat())
    parameters = {
        "base_id": base_id,
        "pupil_ids": None if pupil_ids is None else list(pupil_ids),
        "from_on": from_on,
        "until_on": until_on,
    }
    counts: dict[int, Statistics] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STATISTICS, parameters)
        rows = cursor.fetchall()
    starts = {start_date for _, start_date, _, _ in rows}
    cuts = {start: slice(max((from_on - start).days * 2, 0), (until_on - start).days * 2) for start in starts}
    parts = [marks[cuts[start_date]] for _, start_date, marks, _ in rows]
    moved = {
        number: _moved_codes(whole_codes, *limits)
        for number, (_, _, _, whole_codes) in enumerate(rows)
        if _is_moved(whole_codes)
    }
    for (pupil_id, _, _, _), found in zip(rows, count_parts(parts, moved), strict=True):
        counts[pupil_id] = found if pupil_id not in counts else counts[pupil_id] + found
    return counts


def _moved_codes(whole_codes: str, from_on: str, until_on: str) -> list[str]:
    """The whole codes between two days (the second not counted)."""
    return [code for key, code in _codes_from_json(whole_codes).items() if from_on <= key < until_on]


def _day(held: AttendanceYear, number: int, on: date) -> CalendarDay:
    am, pm = (
        _mark(held, session_key(on.isoformat(), half), held.marks[number * 2 + half])
        for half in range(len(SESSIONS))
    )
    return CalendarDay(on=on, am=am, pm=pm)


def _mark(held: AttendanceYear, key: str, character: str) -> CalendarMark | None:
    if character == NO_MARK:
        return None
    code = held.whole_codes.get(key, character)
    return CalendarMark(
        code=code, label=label(code), mark_class=class_of(code), corrected_from=held.corrected.get(key, "")
    )
