"""Marks that only fill gaps, which is what nearly all new marks do: put in without reading a string.

A pupil's new marks at a base, where every code may stand and all days lie in one academic year, make one
piece of the year's string, from the first mark sent to the last. Where the string held is blank as far as
the piece reaches, the piece takes that place and the patch is known beforehand: nothing was there. Whether
it is blank PostgreSQL finds out while it writes; all other marks are merged one by one (see ``rules``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import msgspec

from schoolgate.attendance.rules import NO_MARK, SESSIONS, first_day, parse_day, session_key
from schoolgate.codes import attendance as attendance_codes
from schoolgate_message.records import DayMarks

_to_json = msgspec.json.Encoder().encode


class Fill(NamedTuple):
    """One pupil's piece of a year's string, and what it would change if the string is blank there.

    ``place`` is where the piece begins, counted from 0 at the academic year's first day; ``patch`` and
    ``whole_codes`` are JSON objects without their braces, the latter empty for nearly all.
    """

    pupil_id: int
    academic_year: int
    place: int
    piece: str
    patch: str
    whole_codes: str
    marks: int


class _Day(NamedTuple):
    """A day's marks as they stand in a piece; ``extent`` says where, as one number for ``_Shapes``."""

    extent: int
    piece: str
    patch: str
    whole_codes: str


class _Shape(NamedTuple):
    """Where days in this order stand in a year: from where, with which gaps between, how many marks."""

    academic_year: int
    place: int
    pattern: str
    marks: int


_BITS = 16
_PLACE = (1 << _BITS) - 1
_WIDEST_GAP = 24 * len(SESSIONS)
"""The Christmas holidays with the weekends around them, in characters."""
_UNFIT = _Day(-1, "", "", "")


def sort_out(
    marks: Mapping[int, Sequence[DayMarks]], *, starts_on: tuple[int, int]
) -> tuple[list[Fill], dict[int, Sequence[DayMarks]]]:
    """Part the pupils: those whose marks make a piece to be filled in, and the others.

    Each different day with its marks is looked at once, and so is each different order of days: nearly
    all pupils of a school have the same. A day not written YYYY-MM-DD is a ValueError.
    """
    day_of = _Days(starts_on).__getitem__
    shapes = _Shapes()
    fills: list[Fill] = []
    others: dict[int, Sequence[DayMarks]] = {}
    for pupil_id, sent in marks.items():
        fill = _fill(pupil_id, list(map(day_of, sent)), shapes) if sent else None
        if fill is None:
            others[pupil_id] = sent
        else:
            fills.append(fill)
    return fills, others


def _fill(pupil_id: int, days: Sequence[_Day], shapes: _Shapes) -> Fill | None:
    """One pupil's days as one piece; ``None`` where they can't be joined."""
    if len(days) == 1:
        extent, piece, patch, whole_codes = days[0]
        shape = shapes[(extent,)]
        if shape is None:
            return None
    else:
        extents, pieces, patches, codes = zip(*days, strict=True)
        shape = shapes[extents]
        if shape is None:
            return None
        piece, patch, whole_codes = shape.pattern % pieces, "".join(patches), "".join(codes)
    year, place, _, marks = shape
    return Fill(pupil_id, year, place, piece, patch[:-1], whole_codes[:-1], marks)


class _Days(dict[DayMarks, _Day]):
    """The different days with their marks."""

    def __init__(self, starts_on: tuple[int, int]) -> None:
        super().__init__()
        self._starts_on = starts_on
        self._dates: dict[str, tuple[date, int]] = {}

    def __missing__(self, sent: DayMarks) -> _Day:
        day, place = self._dates.get(sent.on) or self._date(sent.on)
        found = self[sent] = _day(sent, day, place)
        return found

    def _date(self, on: str) -> tuple[date, int]:
        """The date and where its morning stands, the academic year before the place in one number."""
        day = parse_day(on, starts_on=self._starts_on)
        start = first_day(day.academic_year, starts_on=self._starts_on)
        place = (day.ordinal - start.toordinal()) * len(SESSIONS)
        found = self._dates[on] = date.fromordinal(day.ordinal), day.academic_year << _BITS | place
        return found


class _Shapes(dict[tuple[int, ...], _Shape | None]):
    """The different orders of days; ``None`` for days that can't be joined to a piece."""

    def __missing__(self, extents: tuple[int, ...]) -> _Shape | None:
        found = self[extents] = _shape(extents)
        return found


def _day(sent: DayMarks, day: date, place: int) -> _Day:
    """What the day puts in; ``_UNFIT`` if it removes a mark, sends none, or has a code that can't stand."""
    codes = [code for code in (sent.am, sent.pm) if code is not None]
    if not codes or not all(attendance_codes.known(code, day) for code in codes):
        return _UNFIT
    begin = place if sent.am is not None else place + 1
    whole = (
        f'"{session_key(sent.on, half)}":"{code}",'
        for half, code in enumerate((sent.am, sent.pm))
        if code is not None and len(code) > 1
    )
    return _Day(
        extent=begin << _BITS | (begin & _PLACE) + len(codes),
        piece="".join(map(attendance_codes.main_character, codes)),
        patch=f'"{sent.on}":{_noted(sent.am, sent.pm)},',
        whole_codes="".join(whole),
    )


@lru_cache(maxsize=4096)
def _noted(am: str | None, pm: str | None) -> str:
    """A filled day's place in a patch: nothing was there, and this is."""
    return _to_json([each for code in (am, pm) for each in (code and NO_MARK, code)]).decode()


def _shape(extents: tuple[int, ...]) -> _Shape | None:
    """Join days, if each is fit, in one academic year, later than the one before, and near to it.

    Days far apart are not worth a try: the early ones are nearly always corrections.
    """
    if _UNFIT.extent in extents:
        return None
    academic_year = extents[0] >> _BITS * 2
    first = reached = extents[0] >> _BITS & _PLACE
    last, marks = -1, 0
    pattern: list[str] = []
    for extent in extents:
        place, end = extent >> _BITS & _PLACE, extent & _PLACE
        number = place // len(SESSIONS)
        if number <= last or place - reached > _WIDEST_GAP or extent >> _BITS * 2 != academic_year:
            return None
        pattern.append(NO_MARK * (place - reached) + "%s")
        last, reached = number, end
        marks += end - place
    return _Shape(academic_year, first, "".join(pattern), marks)
