"""Marks that only fill gaps, which is what nearly all new marks do: put in without reading a string.

A pupil's new marks at a base, where every code may stand and all days lie in one academic year, make one
piece of the year's string, from the first mark sent to the last. Where the string held is blank as far as
the piece reaches, the piece takes that place and the patch is known beforehand: nothing was there. Whether
it is blank PostgreSQL finds out while it writes; all other marks are merged one by one (see ``rules``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
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
    """A day's marks as they stand in a piece; ``day`` counts from the academic year's first."""

    academic_year: int
    day: int
    place: int
    end: int
    piece: str
    patch: str
    whole_codes: str
    marks: int


def sort_out(
    marks: Mapping[int, Sequence[DayMarks]], *, starts_on: tuple[int, int]
) -> tuple[list[Fill], dict[int, Sequence[DayMarks]]]:
    """Part the pupils: those whose marks make a piece to be filled in, and the others.

    A day not written YYYY-MM-DD is a ValueError.
    """
    days = _Days(starts_on)
    fills: list[Fill] = []
    others: dict[int, Sequence[DayMarks]] = {}
    for pupil_id, sent in marks.items():
        fill = _fill(pupil_id, [days[each] for each in sent])
        if fill is None:
            others[pupil_id] = sent
        else:
            fills.append(fill)
    return fills, others


class _Days(dict[DayMarks, _Day | None]):
    """The different days among the marks, each looked at once; ``None`` where it can't be filled in."""

    def __init__(self, starts_on: tuple[int, int]) -> None:
        super().__init__()
        self._starts_on = starts_on

    def __missing__(self, sent: DayMarks) -> _Day | None:
        found = self[sent] = _day(sent, starts_on=self._starts_on)
        return found


def _fill(pupil_id: int, days: Sequence[_Day | None]) -> Fill | None:
    """Join the days of one pupil, given in order and each once; ``None`` where they can't be joined."""
    first = days[0] if days else None
    if first is None:
        return None
    if len(days) == 1:
        year, _, place, _, piece, patch, whole_codes, marks = first
        return Fill(pupil_id, year, place, piece, patch, whole_codes, marks)
    academic_year = first.academic_year
    pieces: list[str] = []
    patches: list[str] = []
    whole: list[str] = []
    last, reached, count = -1, first.place, 0
    for each in days:
        if each is None:
            return None
        year, day, place, end, piece, patch, whole_codes, marks = each
        if day <= last or year != academic_year:
            return None
        if place != reached:
            pieces.append(NO_MARK * (place - reached))
        pieces.append(piece)
        patches.append(patch)
        if whole_codes:
            whole.append(whole_codes)
        last, reached = day, end
        count += marks
    return Fill(
        pupil_id, academic_year, first.place, "".join(pieces), ",".join(patches), ",".join(whole), count
    )


def _day(sent: DayMarks, *, starts_on: tuple[int, int]) -> _Day | None:
    """What the day puts in; ``None`` if it removes a mark, sends none, or has a code that can't stand."""
    day = parse_day(sent.on, starts_on=starts_on)
    on = date.fromordinal(day.ordinal)
    codes = {half: code for half, code in enumerate((sent.am, sent.pm)) if code is not None}
    if not codes or not all(attendance_codes.known(code, on) for code in codes.values()):
        return None
    number = (on - first_day(day.academic_year, starts_on=starts_on)).days
    piece = "".join(map(attendance_codes.main_character, codes.values()))
    place = number * len(SESSIONS) + min(codes)
    noted = [each for code in (sent.am, sent.pm) for each in (code and NO_MARK, code)]
    whole = {session_key(day.on, half): code for half, code in codes.items() if len(code) > 1}
    return _Day(
        academic_year=day.academic_year,
        day=number,
        place=place,
        end=place + len(piece),
        piece=piece,
        patch=_object({day.on: noted}),
        whole_codes=_object(whole),
        marks=len(codes),
    )


def _object(values: Mapping[str, object]) -> str:
    return _to_json(values)[1:-1].decode()
