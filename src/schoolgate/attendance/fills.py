"""Marks that only fill gaps, which is what nearly all new marks do: put in without reading a string.

A pupil's new marks at a base, where every code may stand and all days lie in one academic year, make one
piece of the year's string, from the first mark sent to the last. Where the string held is blank as far as
the piece reaches, the piece takes that place and the patch is known beforehand: nothing was there. Whether
it is blank PostgreSQL finds out while it writes; all other marks are merged one by one (see ``merging``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import msgspec

from schoolgate.attendance.rules import LAST_DAY, NO_MARK, SESSIONS, UNDATED, parse_day, session_key
from schoolgate.authority.academic_years import YearStart, first_day
from schoolgate.codes import attendance as attendance_codes
from schoolgate_message.records import DayMarks

_to_json = msgspec.json.Encoder().encode


class Fill(NamedTuple):
    """A piece of a year's string, and what it would change if the string is blank there.

    ``place`` is where the piece begins, counted from 0 at the academic year's first day; ``whole_codes`` is
    a JSON object without its braces, empty for nearly all; ``noted`` are the days of the patch, each with a
    comma behind: they are joined only when the piece was put in.
    """

    academic_year: int
    place: int
    piece: str
    noted: Sequence[str]
    whole_codes: str
    marks: int

    @property
    def patch(self) -> str:
        """What the audit notes when the piece is put in: a JSON object."""
        return "{" + "".join(self.noted)[:-1] + "}"


class _Day(NamedTuple):
    """A day's marks as they stand in a piece; ``extent`` says where, as one number for ``_Shapes``."""

    extent: int
    piece: str
    patch: str
    whole_codes: str


class _Codes(NamedTuple):
    """The codes of a day that may stand in a piece: the same for many days, as nearly all codes are.

    ``noted`` is the day's place in a patch: nothing was there, and this is.
    """

    piece: str
    noted: str
    are_undated: bool
    are_whole: bool


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
    marks: Mapping[int, Sequence[DayMarks]], *, starts_on: YearStart, last_on: date = LAST_DAY
) -> tuple[dict[int, Fill], dict[int, Sequence[DayMarks]]]:
    """Part the pupils: those whose marks make a piece to be filled in, with the piece, and the others.

    Each different day with its marks is looked at once, and so is each different order of days: nearly
    all pupils of a school have the same. Marks of days after ``last_on`` make no piece. A day not written
    YYYY-MM-DD is a ValueError.
    """
    days = _Days(starts_on, last_on)
    alone, shapes = _Alone(days), _Shapes()
    fills: dict[int, Fill] = {}
    others: dict[int, Sequence[DayMarks]] = {}
    for pupil_id, sent in marks.items():
        if len(sent) == 1:
            fill = alone[sent[0]]
        else:
            fill = _fill(map(days.__getitem__, sent), shapes) if sent else None
        if fill is None:
            others[pupil_id] = sent
        else:
            fills[pupil_id] = fill
    return fills, others


def _fill(days: Iterable[_Day], shapes: _Shapes) -> Fill | None:
    """Days as one piece; ``None`` where they can't be joined."""
    extents, pieces, patches, codes = zip(*days, strict=True)
    shape = shapes[extents]
    if shape is None:
        return None
    year, place, pattern, marks = shape
    return Fill(year, place, pattern % pieces, patches, "".join(codes)[:-1], marks)


class _Days(dict[DayMarks, _Day]):
    """The different days with their marks."""

    def __init__(self, starts_on: YearStart, last_on: date) -> None:
        super().__init__()
        self._starts_on = starts_on
        self._last_on = last_on
        self._dates: dict[str, tuple[date, int]] = {}

    def __missing__(self, sent: DayMarks) -> _Day:
        day, place = self._dates.get(sent.on) or self._date(sent.on)
        found = self[sent] = _day(sent, day, place)
        return found

    def _date(self, on: str) -> tuple[date, int]:
        """The date and where its morning stands, the academic year before the place in one number.

        A day no marks are kept of stands nowhere.
        """
        day = parse_day(on, starts_on=self._starts_on, last_on=self._last_on)
        if not day.is_kept:
            self._dates[on] = date.fromordinal(day.ordinal), _UNFIT.extent
            return self._dates[on]
        start = first_day(day.academic_year, starts_on=self._starts_on)
        place = (day.ordinal - start.toordinal()) * len(SESSIONS)
        found = self._dates[on] = date.fromordinal(day.ordinal), day.academic_year << _BITS | place
        return found


class _Alone(dict[DayMarks, Fill | None]):
    """The pieces of pupils of whom one day was sent; ``None`` where it isn't fit."""

    def __init__(self, days: _Days) -> None:
        super().__init__()
        self._days, self._shapes = days, _Shapes()

    def __missing__(self, sent: DayMarks) -> Fill | None:
        found = self[sent] = _fill([self._days[sent]], self._shapes)
        return found


class _Shapes(dict[tuple[int, ...], _Shape | None]):
    """The different orders of days; ``None`` for days that can't be joined to a piece."""

    def __missing__(self, extents: tuple[int, ...]) -> _Shape | None:
        found = self[extents] = _shape(extents)
        return found


def _day(sent: DayMarks, day: date, place: int) -> _Day:
    """What the day puts in; ``_UNFIT`` if it removes a mark, sends none, or has a code that can't stand."""
    found = _codes(sent.am, sent.pm)
    if found is None or place == _UNFIT.extent:
        return _UNFIT
    piece, noted, are_undated, are_whole = found
    codes = (sent.am, sent.pm)
    if not are_undated and not all(code is None or attendance_codes.known(code, day) for code in codes):
        return _UNFIT
    begin = place if sent.am is not None else place + 1
    whole = ""
    if are_whole:
        whole = "".join(
            f'"{session_key(sent.on, half)}":"{code}",'
            for half, code in enumerate(codes)
            if code is not None and len(code) > 1
        )
    extent = begin << _BITS | (begin & _PLACE) + len(piece)
    return _Day(extent, piece, f'"{sent.on}":{noted},', whole)


@lru_cache(maxsize=4096)
def _codes(am: str | None, pm: str | None) -> _Codes | None:
    """What both codes put in; ``None`` where there is none, or one that is no code on any day."""
    codes = [code for code in (am, pm) if code is not None]
    if not codes or not all(code in attendance_codes.CODES for code in codes):
        return None
    return _Codes(
        piece="".join(map(attendance_codes.main_character, codes)),
        noted=_to_json([each for code in (am, pm) for each in (code and NO_MARK, code)]).decode(),
        are_undated=all(code in UNDATED for code in codes),
        are_whole=any(len(code) > 1 for code in codes),
    )


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
