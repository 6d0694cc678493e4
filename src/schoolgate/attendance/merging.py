"""Marks into years: what each changes, which are refused, and which come after newer ones are held."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from functools import partial

import msgspec

from schoolgate.attendance.rules import (
    FIRST_DAY,
    LAST_DAY,
    SESSIONS,
    UNDATED,
    Day,
    parse_day,
    session_key,
)
from schoolgate.attendance.sharing import Sharing
from schoolgate.attendance.years import PAIRS, YearMarks, blank_year, home_of
from schoolgate.authority.academic_years import YearStart
from schoolgate.codes import attendance as attendance_codes
from schoolgate_message.records import REMOVED_MARK, DayMarks


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
    """What became of the marks so far.

    ``newer_held`` names by pupil the school sessions left alone because newer marks are held, ``others_held``
    because another source's are.
    """

    received: int = 0
    unchanged: int = 0
    written: int = 0
    refused: list[RefusedMark] = msgspec.field(default_factory=list)
    newer_held: dict[int, list[str]] = msgspec.field(default_factory=dict)
    others_held: dict[int, list[str]] = msgspec.field(default_factory=dict)

    @property
    def ignored(self) -> int:
        """How many marks came after newer ones are held, or differ from another source's."""
        return sum(len(each) for held in (self.newer_held, self.others_held) for each in held.values())


class Merge:
    """Puts the marks of many pupils into their years; knows each day and refuses what is no code."""

    def __init__(self, *, starts_on: YearStart, last_on: date = LAST_DAY) -> None:
        """Begin with nothing counted; marks of days after ``last_on`` are refused."""
        self.tally = Tally()
        self._starts_on = starts_on
        self._last_on = last_on
        self._days: dict[str, Day] = {}

    def day(self, on: str) -> Day:
        """The day written so; each is read once."""
        found = self._days.get(on)
        if found is None:
            found = self._days[on] = parse_day(on, starts_on=self._starts_on, last_on=self._last_on)
        return found

    def put_shared(
        self,
        pupil_id: int,
        sent: Sequence[DayMarks],
        years: dict[int, YearMarks],
        *,
        sharing: Sharing,
        newer: Collection[int] = (),
    ) -> None:
        """The same of a pupil whose marks several sources tell: others' marks are left as they are."""
        days = {each.on: self.day(each.on) for each in sent}
        found = sharing.sift(sent, days)
        self.tally.received += found.unchanged + len(found.others)
        self.tally.unchanged += found.unchanged
        if found.others:
            held = self.tally.others_held.setdefault(pupil_id, [])
            held += [session_key(on, half) for on, half in found.others]
        self.put(pupil_id, found.days, years, newer=newer)
        sharing.settle(found.days, days, newer=newer)

    def put(
        self,
        pupil_id: int,
        days: Sequence[DayMarks],
        years: dict[int, YearMarks],
        *,
        newer: Collection[int] = (),
    ) -> None:
        """Put one pupil's marks into ``years``, opening those that are missing.

        The half days ``newer`` are left as they are: newer content has spoken of them (see ``order``).
        """
        if newer:
            days = self._but_newer(pupil_id, days, newer)
        known, tally = self._days, self.tally
        received = unchanged = 0
        for sent in days:
            day = known.get(sent.on) or self.day(sent.on)
            year = years.get(day.academic_year)
            pair = PAIRS.get((sent.am, sent.pm))
            if pair is not None and year is not None:
                changed = year.put_day(day, *pair)
                if changed is not None:
                    received += 2
                    unchanged += 2 - changed
                    continue
            if year is None or not year.covers(day.ordinal):
                year = home_of(day, years.values())
            for half, code in enumerate((sent.am, sent.pm)):
                if code is None:
                    continue
                received += 1
                if not day.is_kept or (code not in UNDATED and not _is_known(code, day)):
                    tally.refused.append(_refuse(pupil_id, day, half, code))
                    continue
                year = year or self._open(day, years)
                if not year.put(day, half, code):
                    unchanged += 1
        tally.received += received
        tally.unchanged += unchanged

    def _but_newer(self, pupil_id: int, days: Sequence[DayMarks], newer: Collection[int]) -> list[DayMarks]:
        """The marks of which nothing newer is held; the others are counted and named."""
        left: list[DayMarks] = []
        for sent in days:
            number = self.day(sent.on).ordinal * 2
            codes = [sent.am, sent.pm]
            for half, code in enumerate(codes):
                if code is not None and number + half in newer:
                    codes[half] = None
                    self.tally.received += 1
                    self.tally.newer_held.setdefault(pupil_id, []).append(session_key(sent.on, half))
            left.append(DayMarks(on=sent.on, am=codes[0], pm=codes[1]))
        return left

    def _open(self, day: Day, years: dict[int, YearMarks]) -> YearMarks:
        opened = blank_year(day.academic_year, starts_on=self._starts_on, beside=years.values())
        years[day.academic_year] = opened
        return opened

    def finish(self) -> Tally:
        """What became of all the marks; received = unchanged + written + ignored + refused."""
        tally = self.tally
        tally.written = tally.received - tally.unchanged - tally.ignored - len(tally.refused)
        return tally


def _is_known(code: str, day: Day) -> bool:
    return code == REMOVED_MARK or attendance_codes.known(code, date.fromordinal(day.ordinal))


def _refuse(pupil_id: int, day: Day, half: int, code: str) -> RefusedMark:
    refused = partial(RefusedMark, pupil_id=pupil_id, on=day.on, session=SESSIONS[half], mark=code)
    if not day.is_kept:
        return refused(
            code="attendance.day_out_of_time",
            sentence=f"Marks are kept from {FIRST_DAY.year} to a year after they were read.",
            remedy="Ask the school to correct the day of the mark.",
        )
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
