"""A pupil's year at a base while marks are put into it: the string, what is kept beside it, and the patch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from schoolgate.attendance.rules import CLOSURE, NO_MARK, SESSIONS, UNDATED, Day, session_key
from schoolgate.authority.academic_years import YearStart, first_day
from schoolgate.codes import attendance as attendance_codes

Noted = tuple[str | None, str | None, str | None, str | None]
"""A day's place in a patch: old and new morning, old and new afternoon."""

_PLAIN = {code: ord(code) for code in UNDATED if len(code) == 1}
"""Codes that stand in the string as they are."""
_MAIN_OF_WHOLE = frozenset(ord(code[0]) for code in attendance_codes.CODES if len(code) > 1)
"""Characters in the string beside which a whole code may stand."""
_NO_MARK = ord(NO_MARK)
_BLANK = frozenset((NO_MARK + CLOSURE).encode())
_ALONE = {code: place for code, place in _PLAIN.items() if place not in _MAIN_OF_WHOLE}
PAIRS: dict[tuple[str | None, str | None], tuple[bytes, Noted]] = {
    (am, pm): (bytes((_ALONE[am], _ALONE[pm])), (NO_MARK, am, NO_MARK, pm)) for am in _ALONE for pm in _ALONE
}
"""What nearly every day is: two plain codes, as they stand in the string, and as a patch notes a day filled
with them. One note serves all days alike; none of these codes has a whole code beside it."""
_NOT_NOTED: Noted = (None, None, None, None)
_BLANK_DAY = (NO_MARK * len(SESSIONS)).encode()


class YearMarks:
    """One pupil's marks at one base in one academic year, while new ones are put in.

    ``patch`` collects what changed, by day: old and new morning, old and new afternoon, ``None`` where
    that half of the day did not change. A mark that replaces another is noted in ``corrected`` with
    the code it replaced; one that fills a gap or a seeded closure is no correction. ``confirmed`` are the
    half days that came as they are held, by number (see ``order``).

    ``has_new_codes`` tells that ``whole_codes`` changed, or that the string reaches over other days.
    """

    __slots__ = (
        "_marks",
        "_start",
        "academic_year",
        "confirmed",
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
        self.confirmed: list[int] = []
        self._start = start_date.toordinal()
        self._marks = bytearray(marks, "ascii")

    @property
    def start_date(self) -> date:
        """The day of the string's first two characters."""
        return date.fromordinal(self._start)

    @property
    def end(self) -> int:
        """The number of the day behind the string's last."""
        return self._start + len(self._marks) // 2

    @property
    def marks(self) -> str:
        """The string as it now is."""
        return self._marks.decode("ascii")

    def covers(self, ordinal: int) -> bool:
        """Whether the string reaches over the day of this number."""
        return 0 <= (ordinal - self._start) * 2 < len(self._marks)

    def code_at(self, day: Day, half: int) -> str:
        """The whole code of the morning (0) or afternoon (1) of a day; ``-`` where there is none."""
        place = (day.ordinal - self._start) * 2 + half
        if not 0 <= place < len(self._marks):
            return NO_MARK
        character = chr(self._marks[place])
        return self.whole_codes.get(session_key(day.on, half), character) if self.whole_codes else character

    def marked_halves(self) -> Iterator[int]:
        """The half days that have a mark, by number."""
        return (self._start * 2 + place for place, mark in enumerate(self._marks) if mark != _NO_MARK)

    def put_day(self, day: Day, pair: bytes, filled: Noted) -> int | None:
        """Put a whole day that is all new or unchanged; answers how many marks changed, ``None`` for others.

        ``pair`` are both codes as they stand in the string, ``filled`` as a patch notes them: see ``PAIRS``.
        """
        marks, place, patch = self._marks, (day.ordinal - self._start) * 2, self.patch
        if place < 0:
            return None
        if marks.startswith(_BLANK_DAY, place) and day.on not in patch:
            marks[place : place + 2] = pair
            patch[day.on] = filled
            return 2
        if marks.startswith(pair, place):
            self.confirmed += (day.ordinal * 2, day.ordinal * 2 + 1)
            return 0
        return None

    def put(self, day: Day, half: int, code: str) -> bool:
        """Put a whole code (``-`` removes) into the morning or afternoon; answers whether it changed."""
        marks, place = self._marks, (day.ordinal - self._start) * 2 + half
        if code not in _PLAIN or not 0 <= place < len(marks) or marks[place] in _MAIN_OF_WHOLE:
            is_changed = self._put_whole(day, half, code)
        elif marks[place] == _PLAIN[code]:
            is_changed = False
        else:
            held, is_changed = marks[place], True
            marks[place] = _PLAIN[code]
            if held not in _BLANK:
                self.corrected[session_key(day.on, half)] = chr(held)
            self._note(day.on, half, chr(held), code)
        if not is_changed:
            self.confirmed.append(day.ordinal * 2 + half)
        return is_changed

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


def blank_year(academic_year: int, *, starts_on: YearStart, beside: Iterable[YearMarks] = ()) -> YearMarks:
    """A year of which no mark is held yet.

    It leaves out the days over which a string ``beside`` it reaches, as one does that began when the
    academic year had another first day: no day stands in two strings.
    """
    begins = first_day(academic_year, starts_on=starts_on).toordinal()
    ends = first_day(academic_year + 1, starts_on=starts_on).toordinal()
    for other in beside:
        if other.academic_year < academic_year:
            begins = max(begins, other.end)
        else:
            ends = min(ends, other.start_date.toordinal())
    marks = NO_MARK * (max(ends - begins, 0) * 2)
    return YearMarks(academic_year, start_date=date.fromordinal(begins), marks=marks, is_new=True)


def home_of(day: Day, years: Collection[YearMarks]) -> YearMarks | None:
    """The year whose string reaches over the day; else the one of its academic year, if it is held."""
    named = None
    for year in years:
        if year.covers(day.ordinal):
            return year
        if year.academic_year == day.academic_year:
            named = year
    return named
