"""Marks that only fill gaps, which is what nearly all new marks do: put in without reading a string.

A pupil's new marks at a base, where every code may stand and all days lie in one academic year, make one
piece of the year's string, from the first mark sent to the last. Where the string held is blank as far as
the piece reaches, the piece takes that place and the patch is known beforehand: nothing was there. Whether
it is blank PostgreSQL finds out while it writes; all other marks are merged one by one (see ``merging``),
but for the days behind corrections, which nearly always make a piece as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import msgspec

from schoolgate.attendance.rules import NO_MARK, SESSIONS, parse_day, session_key
from schoolgate.authority.academic_years import YearStart, first_day
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


class Sent(NamedTuple):
    """One pupil's marks that are merged: ``first`` day by day, then ``last``, of which ``fill`` is the piece.

    ``last`` is empty, and ``fill`` nothing, where no days at the end make a piece.
    """

    first: Sequence[DayMarks]
    last: Sequence[DayMarks] = ()
    fill: Fill | None = None


class _Day(NamedTuple):
    """A day's marks as they stand in a piece; ``extent`` says where, as one number for ``_Shapes``."""

    extent: int
    piece: str
    patch: str
    whole_codes: str


class _Shape(NamedTuple):
    """Where days in this order stand in a year: from where, with which gaps between, how many marks.

    ``cut`` is the number of days before them that can't be joined to them.
    """

    cut: int
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
    marks: Mapping[int, Sequence[DayMarks]], *, starts_on: YearStart
) -> tuple[list[Fill], dict[int, Sent]]:
    """Part the pupils: those whose marks make a piece to be filled in, and the others.

    Each different day with its marks is looked at once, and so is each different order of days: nearly
    all pupils of a school have the same. A day not written YYYY-MM-DD is a ValueError.
    """
    day_of = _Days(starts_on).__getitem__
    shapes = _Shapes()
    fills: list[Fill] = []
    others: dict[int, Sent] = {}
    for pupil_id, sent in marks.items():
        days = list(map(day_of, sent))
        shape = shapes[tuple([day.extent for day in days])]
        if shape is None:
            others[pupil_id] = Sent(sent)
        elif not shape.cut:
            fills.append(_fill(pupil_id, days, shape))
        else:
            others[pupil_id] = _cut(pupil_id, sent, days, shape)
    return fills, others


def _fill(pupil_id: int, days: Sequence[_Day], shape: _Shape) -> Fill:
    """One pupil's days as one piece."""
    _, year, place, pattern, marks = shape
    if len(days) == 1:
        _, piece, patch, whole_codes = days[0]
    else:
        _, pieces, patches, codes = zip(*days, strict=True)
        piece, patch, whole_codes = pattern % pieces, "".join(patches), "".join(codes)
    return Fill(pupil_id, year, place, piece, patch[:-1], whole_codes[:-1], marks)


def _cut(pupil_id: int, sent: Sequence[DayMarks], days: Sequence[_Day], shape: _Shape) -> Sent:
    """What must be merged first, and the piece behind it, which must not speak of the same days."""
    first, last = sent[: shape.cut], sent[shape.cut :]
    if max(day.on for day in first) >= last[0].on:
        return Sent(sent)
    return Sent(first, last, _fill(pupil_id, days[shape.cut :], shape))


class _Days(dict[DayMarks, _Day]):
    """The different days with their marks."""

    def __init__(self, starts_on: YearStart) -> None:
        super().__init__()
        self._starts_on = starts_on
        self._dates: dict[str, tuple[date, int]] = {}

    def __missing__(self, sent: DayMarks) -> _Day:
        day, place = self._dates.get(sent.on) or self._date(sent.on)
        found = self[sent] = _day(sent, day, place)
        return found

    def _date(self, on: str) -> tuple[date, int]:
        """The date and where its morning stands, the academic year before the place in one number.

        A day no marks are kept of stands nowhere.
        """
        day = parse_day(on, starts_on=self._starts_on)
        if not day.is_kept:
            return date.fromordinal(day.ordinal), _UNFIT.extent
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
    if place == _UNFIT.extent or not codes or not all(attendance_codes.known(code, day) for code in codes):
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
    """Join the last days, if each is fit, in one academic year, later than the one before, and near to it.

    Days far apart are not joined: the early ones are nearly always corrections.
    """
    cut, reached, last, marks = 0, -1, -1, 0
    pattern: list[str] = []
    for number, extent in enumerate(extents):
        place, end = extent >> _BITS & _PLACE, extent & _PLACE
        is_joined = (
            last >= 0
            and extent >> _BITS * 2 == extents[cut] >> _BITS * 2
            and place // len(SESSIONS) > last
            and place - reached <= _WIDEST_GAP
        )
        if not is_joined:
            cut, reached, marks, pattern = number, place, 0, []
        pattern.append(NO_MARK * (place - reached) + "%s")
        last, reached = place // len(SESSIONS), end
        marks += end - place
        if extent == _UNFIT.extent:
            cut, last = number + 1, -1
    if cut == len(extents):
        return None
    first = extents[cut]
    return _Shape(cut, first >> _BITS * 2, first >> _BITS & _PLACE, "".join(pattern), marks)
