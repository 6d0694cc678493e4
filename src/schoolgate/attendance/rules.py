"""Marks in a string: where a mark stands, what a new one changes, and which are refused.

A year's string has two characters for every calendar day from ``start_date``, morning then
afternoon: ``-`` where there is no mark, ``#`` for a closure. Where an attendance code has two
characters the string holds its main one and the whole code is kept beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

import msgspec

from schoolgate.codes import attendance as attendance_codes
from schoolgate_message.records import REMOVED_MARK, DayMarks

SESSIONS = ("AM", "PM")
NO_MARK = "-"
CLOSURE = "#"
Noted = tuple[str | None, str | None, str | None, str | None]
"""A day's place in a patch: old and new morning, old and new afternoon."""
FIRST_OF_SEPTEMBER = (9, 1)
"""Month and day on which an academic year starts, unless the authority says otherwise."""

_UNDATED = frozenset(
    code
    for code, found in attendance_codes.CODES.items()
    if found.entry.valid_from is None and (found.is_still_taken or found.entry.valid_until is None)
)
"""Codes known on every day, and so for nearly every mark."""
_PLAIN = {code: ord(code) for code in _UNDATED if len(code) == 1}
"""Those of them that stand in the string as they are."""
_MAIN_OF_WHOLE = frozenset(ord(code[0]) for code in attendance_codes.CODES if len(code) > 1)
"""Characters in the string beside which a whole code may stand."""
_BLANK = frozenset((NO_MARK + CLOSURE).encode())
_ALONE = {code: place for code, place in _PLAIN.items() if place not in _MAIN_OF_WHOLE}
_PAIRS: dict[tuple[str | None, str | None], tuple[bytes, Noted]] = {
    (am, pm): (bytes((_ALONE[am], _ALONE[pm])), (NO_MARK, am, NO_MARK, pm)) for am in _ALONE for pm in _ALONE
}
"""What nearly every day is: two plain codes, as they stand in the string, and as a patch notes a day filled
with them. One note serves all days alike; none of these codes has a whole code beside it."""
_NOT_NOTED: Noted = (None, None, None, None)
_BLANK_DAY = (NO_MARK * len(SESSIONS)).encode()


class RefusedMark(msgspec.Struct, frozen=True, kw_only=True):
    """A mark that a rule said no to; ``code`` names the refusal, ``mark`` is what was sent."""

    pupil_id: int
    on: str
    session: str
    mark: str
    code: str
    sentence: str
    remedy: str


class Tally(msgspec.Struct, kw_only=True):
    """What became of the marks so far."""

    received: int = 0
    unchanged: int = 0
    written: int = 0
    refused: list[RefusedMark] = msgspec.field(default_factory=list)


class Day(msgspec.Struct, frozen=True):
    """A calendar day as the merge needs it: its ISO form, its number, its academic year."""

    on: str
    ordinal: int
    academic_year: int


def academic_year_of(day: date, *, starts_on: tuple[int, int] = FIRST_OF_SEPTEMBER) -> int:
    """The calendar year in which the day's academic year began."""
    return day.year if (day.month, day.day) >= starts_on else day.year - 1


def first_day(academic_year: int, *, starts_on: tuple[int, int] = FIRST_OF_SEPTEMBER) -> date:
    """The first day of an academic year."""
    return date(academic_year, *starts_on)


def place_of(day: date, session: str, *, start_date: date) -> int:
    """Where a day's morning (``AM``) or afternoon (``PM``) stands in the string, from 0."""
    return (day - start_date).days * 2 + SESSIONS.index(session)


def blank_marks(academic_year: int, *, starts_on: tuple[int, int] = FIRST_OF_SEPTEMBER) -> str:
    """The string of a year without a mark; 730 characters, 732 with a 29 February."""
    days = first_day(academic_year + 1, starts_on=starts_on) - first_day(academic_year, starts_on=starts_on)
    return NO_MARK * (days.days * 2)


def parse_day(on: str, *, starts_on: tuple[int, int] = FIRST_OF_SEPTEMBER) -> Day:
    """Read a day written YYYY-MM-DD; anything else is a ValueError."""
    day = date.fromisoformat(on)
    if day.isoformat() != on:
        raise ValueError("a day is written YYYY-MM-DD")
    return Day(on, day.toordinal(), academic_year_of(day, starts_on=starts_on))


class YearMarks:
    """One pupil's marks at one base in one academic year, while new ones are put in.

    ``patch`` collects what changed, by day: old and new morning, old and new afternoon, ``None`` where
    that half of the day did not change. A mark that replaces another is noted in ``corrected`` with
    the code it replaced; one that fills a gap or a seeded closure is no correction.

    ``has_new_codes`` tells that ``whole_codes`` changed, or that the string reaches over other days.
    """

    __slots__ = (
        "_marks",
        "_start",
        "academic_year",
        "corrected",
        "has_new_codes",
        "is_new",
        "patch",
        "whole_codes",
    )

    def __init__(
        self,
        academic_year: int,
        *,
        start_date: date,
        marks: str,
        whole_codes: dict[str, str] | None = None,
        corrected: dict[str, str] | None = None,
        is_new: bool = False,
    ) -> None:
        """Take a year as it is held, or a blank one."""
        self.academic_year = academic_year
        self.whole_codes = whole_codes or {}
        self.corrected = corrected or {}
        self.is_new = is_new
        self.has_new_codes = False
        self.patch: dict[str, Noted] = {}
        self._start = start_date.toordinal()
        self._marks = bytearray(marks, "ascii")

    @property
    def start_date(self) -> date:
        """The day of the string's first two characters."""
        return date.fromordinal(self._start)

    @property
    def marks(self) -> str:
        """The string as it now is."""
        return self._marks.decode("ascii")

    def code_at(self, day: Day, half: int) -> str:
        """The whole code of the morning (0) or afternoon (1) of a day; ``-`` where there is none."""
        place = (day.ordinal - self._start) * 2 + half
        if not 0 <= place < len(self._marks):
            return NO_MARK
        character = chr(self._marks[place])
        return self.whole_codes.get(session_key(day.on, half), character) if self.whole_codes else character

    def put_day(self, day: Day, pair: bytes, filled: Noted) -> int | None:
        """Put a whole day that is all new or unchanged; answers how many marks changed, ``None`` for others.

        ``pair`` are both codes as they stand in the string, ``filled`` as a patch notes them: see ``_PAIRS``.
        """
        marks, place, patch = self._marks, (day.ordinal - self._start) * 2, self.patch
        if place < 0:
            return None
        if marks.startswith(_BLANK_DAY, place) and day.on not in patch:
            marks[place : place + 2] = pair
            patch[day.on] = filled
            return 2
        return 0 if marks.startswith(pair, place) else None

    def put(self, day: Day, half: int, code: str) -> bool:
        """Put a whole code (``-`` removes) into the morning or afternoon; answers whether it changed."""
        marks, place = self._marks, (day.ordinal - self._start) * 2 + half
        if code not in _PLAIN or not 0 <= place < len(marks) or marks[place] in _MAIN_OF_WHOLE:
            return self._put_whole(day, half, code)
        held, character = marks[place], _PLAIN[code]
        if held == character:
            return False
        marks[place] = character
        old = chr(held)
        if held not in _BLANK:
            self.corrected[session_key(day.on, half)] = old
        self._note(day.on, half, old, code)
        return True

    def _put_whole(self, day: Day, half: int, code: str) -> bool:
        """The same where two characters or a day outside the string are in play."""
        old = self.code_at(day, half)
        if old == code:
            return False
        key = session_key(day.on, half)
        self.has_new_codes = True
        self._set_character(day, half, attendance_codes.main_character(code))
        if len(code) > 1:
            self.whole_codes[key] = code
        else:
            self.whole_codes.pop(key, None)
        if old not in {NO_MARK, CLOSURE}:
            self.corrected[key] = old
        self._note(day.on, half, old, code)
        return True

    def _set_character(self, day: Day, half: int, character: str) -> None:
        """Set one character; days outside the string make it longer, at either end."""
        days = day.ordinal - self._start
        if days < 0:
            self._marks[:0] = NO_MARK.encode() * (-days * 2)
            self._start, days = day.ordinal, 0
        missing = (days + 1) * 2 - len(self._marks)
        if missing > 0:
            self._marks += NO_MARK.encode() * missing
        self._marks[days * 2 + half] = ord(character)

    def _note(self, on: str, half: int, old: str, new: str) -> None:
        old_am, new_am, old_pm, new_pm = self.patch.get(on, _NOT_NOTED)
        if half:
            self.patch[on] = (old_am, new_am, old if old_pm is None else old_pm, new)
        else:
            self.patch[on] = (old if old_am is None else old_am, new, old_pm, new_pm)


def blank_year(academic_year: int, *, starts_on: tuple[int, int] = FIRST_OF_SEPTEMBER) -> YearMarks:
    """A year of which no mark is held yet."""
    start_date = first_day(academic_year, starts_on=starts_on)
    marks = blank_marks(academic_year, starts_on=starts_on)
    return YearMarks(academic_year, start_date=start_date, marks=marks, is_new=True)


def session_key(on: str, half: int) -> str:
    """How a school session is named beside the string: ``2025-09-01 AM``."""
    return f"{on} {SESSIONS[half]}"


class Merge:
    """Puts the marks of many pupils into their years; knows each day and refuses what is no code."""

    def __init__(self, *, starts_on: tuple[int, int] = FIRST_OF_SEPTEMBER) -> None:
        """Begin with nothing counted."""
        self.tally = Tally()
        self._starts_on = starts_on
        self._days: dict[str, Day] = {}

    def day(self, on: str) -> Day:
        """The day written so; each is read once."""
        found = self._days.get(on)
        if found is None:
            found = self._days[on] = parse_day(on, starts_on=self._starts_on)
        return found

    def put(self, pupil_id: int, days: Sequence[DayMarks], years: dict[int, YearMarks]) -> None:
        """Put one pupil's marks into ``years``, opening those that are missing."""
        known, tally = self._days, self.tally
        received = unchanged = 0
        for sent in days:
            day = known.get(sent.on) or self.day(sent.on)
            year = years.get(day.academic_year)
            pair = _PAIRS.get((sent.am, sent.pm))
            if pair is not None and year is not None:
                changed = year.put_day(day, *pair)
                if changed is not None:
                    received += 2
                    unchanged += 2 - changed
                    continue
            for half, code in enumerate((sent.am, sent.pm)):
                if code is None:
                    continue
                received += 1
                if code not in _UNDATED and not _is_known(code, day):
                    tally.refused.append(_refuse(pupil_id, day, half, code))
                    continue
                if year is None:
                    year = years[day.academic_year] = blank_year(day.academic_year, starts_on=self._starts_on)
                if not year.put(day, half, code):
                    unchanged += 1
        tally.received += received
        tally.unchanged += unchanged

    def finish(self) -> Tally:
        """What became of all the marks; received = unchanged + written + refused."""
        self.tally.written = self.tally.received - self.tally.unchanged - len(self.tally.refused)
        return self.tally


def _is_known(code: str, day: Day) -> bool:
    return code == REMOVED_MARK or attendance_codes.known(code, date.fromordinal(day.ordinal))


def _refuse(pupil_id: int, day: Day, half: int, code: str) -> RefusedMark:
    refused = partial(RefusedMark, pupil_id=pupil_id, on=day.on, session=SESSIONS[half], mark=code)
    if code in attendance_codes.CODES:
        return refused(
            code="attendance.code_of_another_time",
            sentence=f"The attendance code {code} was not in use on that day.",
            remedy="Ask the school to correct the mark.",
        )
    return refused(
        code="attendance.unknown_code",
        sentence=f"The attendance code {code} is not one of the statutory codes.",
        remedy="Ask the school to give its own code a statutory one in its MIS, or to correct the mark.",
    )


def days_between(from_on: date, until_on: date) -> list[date]:
    """The calendar days from the first up to, and without, the last."""
    return [from_on + timedelta(days=number) for number in range((until_on - from_on).days)]
