"""Whose each mark is, where several sources of a base tell a pupil's, and what each of them may touch.

Half day by half day: of what a source has spoken, be it to take its mark back, none that comes after it is
heard; a gap of which none before it has spoken is anybody's. When it was read counts among the marks of one
source alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from schoolgate.attendance.order import halves_in, in_ranges
from schoolgate.attendance.rules import NO_MARK, Day
from schoolgate.attendance.years import YearMarks, home_of
from schoolgate_message.records import DayMarks


class Share:
    """Whose the marks of one year's string are: the row's source's, but for those listed, by half day."""

    def __init__(self, source: str, beside: Mapping[str, str] | None) -> None:
        """As the row has it."""
        self.source = source
        self.listed = {half: each for each, ranges in (beside or {}).items() for half in halves_in(ranges)}
        self.is_changed = False

    def is_shared(self, source: str) -> bool:
        """Whether any of it may be another source's than this one's."""
        return self.source != source or bool(self.listed)

    def owner_of(self, half: int) -> str:
        """Whose the mark of a half day is, if there is one."""
        return self.listed.get(half, self.source)

    def note(self, half: int, source: str, *, is_blank: bool) -> None:
        """Note that a mark is this source's from now on, or that there is none any more."""
        if is_blank:
            self.is_changed |= self.listed.pop(half, None) is not None
            return
        if self.owner_of(half) == source:
            return
        self.is_changed = True
        if self.source == source:
            del self.listed[half]
        else:
            self.listed[half] = source

    def hand_over(self, source: str, year: YearMarks) -> None:
        """Make the row this source's, which comes before the one whose it was: it alone fills gaps unread."""
        owners = {half: self.owner_of(half) for half in year.marked_halves()}
        self.listed = {half: owner for half, owner in owners.items() if owner != source}
        self.source, self.is_changed = source, True

    @property
    def beside(self) -> dict[str, str]:
        """The marks of others, as the row keeps them."""
        by_source: dict[str, list[int]] = {}
        for half in sorted(self.listed):
            by_source.setdefault(self.listed[half], []).append(half)
        return {source: in_ranges(tuple(halves)) for source, halves in by_source.items()}


class Sifted(msgspec.Struct, kw_only=True):
    """Marks that may be put in; how many stand already, and which half days (day, 0 or 1) are another's."""

    days: list[DayMarks]
    unchanged: int = 0
    others: list[tuple[str, int]] = []


class Sharing:
    """One pupil's years at a base, as shared between its sources while one of them tells marks."""

    def __init__(
        self,
        source: str,
        *,
        before: Collection[str],
        spoken: Collection[int],
        years: Mapping[int, YearMarks],
        shares: Mapping[int, Share],
    ) -> None:
        """``before`` are the sources that come before this one, ``spoken`` the half days they have spoken of.

        ``shares`` are those of the years held.
        """
        self._source = source
        self._before = before
        self._spoken = spoken
        self._years = years
        self._shares = shares

    def sift(self, sent: Sequence[DayMarks], days: Mapping[str, Day]) -> Sifted:
        """Which marks this source may put in; ``days`` are those sent."""
        found = Sifted(days=[], others=[])
        for each in sent:
            codes = [each.am, each.pm]
            for half, code in enumerate(codes):
                if code is not None and not self._may_put(days[each.on], half, code, found):
                    codes[half] = None
            found.days.append(DayMarks(on=each.on, am=codes[0], pm=codes[1]))
        return found

    def _may_put(self, day: Day, half: int, code: str, found: Sifted) -> bool:
        year, share = self._place(day)
        if year is None or share is None:
            return True
        held, number = year.code_at(day, half), day.ordinal * 2 + half
        is_others = number in self._spoken if held == NO_MARK else share.owner_of(number) in self._before
        if is_others and held == code:
            found.unchanged += 1
        elif is_others:
            found.others.append((day.on, half))
        return not is_others

    def settle(self, put: Iterable[DayMarks], days: Mapping[str, Day], *, newer: Collection[int]) -> None:
        """Note whose the marks are that were put in; the half days ``newer`` were not."""
        told: dict[int, tuple[YearMarks, Share]] = {}
        for each in put:
            day = days[each.on]
            year, share = self._place(day)
            if year is None or share is None:
                continue
            for half, code in enumerate((each.am, each.pm)):
                held, number = year.code_at(day, half), day.ordinal * 2 + half
                if code == held and number not in newer:
                    share.note(number, self._source, is_blank=held == NO_MARK)
                    told[year.academic_year] = year, share
        for year, share in told.values():
            if share.source not in {self._source, *self._before}:
                share.hand_over(self._source, year)

    def _place(self, day: Day) -> tuple[YearMarks | None, Share | None]:
        year = home_of(day, self._years.values())
        return year, None if year is None else self._shares.get(year.academic_year)
