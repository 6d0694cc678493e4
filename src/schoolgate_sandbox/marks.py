"""Attendance marks, one byte a session, a bytearray a pupil and academic year.

A year of marks is planned whole when it is first asked for; what lies after
the calendar's today is not visible yet. Marks corrected later than they were
entered, or deleted, keep the instant of that change beside the string.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from schoolgate_sandbox import terms
from schoolgate_sandbox.clock import Clock
from schoolgate_sandbox.codes import ATTENDANCE_CODES, MARK_BYTE, STATUTORY_OF
from schoolgate_sandbox.ids import Ids
from schoolgate_sandbox.people import FUTURE, Pupil
from schoolgate_sandbox.plans import Correction, plan_year
from schoolgate_sandbox.schools import School

# A mark's place: day ordinal * 2 + session (0 AM, 1 PM).
_PUPIL_BITS = 20


@dataclass(frozen=True, slots=True)
class Removed:
    """A mark that was deleted, and when."""

    number: int
    place: int
    at: float


def statutory(byte: int) -> str:
    """Give the statutory code of a mark's byte."""
    return STATUTORY_OF[ATTENDANCE_CODES[byte - 1]]


class MarkBook:
    """All marks of one school."""

    def __init__(self, ids: Ids, school: School, clock: Clock) -> None:
        self._ids = ids
        self._school = school
        self._clock = clock
        self._years: dict[tuple[str, int], bytearray] = {}
        self.changed: dict[tuple[int, int], float] = {}
        self.removed: dict[tuple[int, int], Removed] = {}
        self.due: dict[int, list[tuple[Pupil, Correction]]] = defaultdict(list)

    def year(self, pupil: Pupil, year: int) -> bytearray:
        """Give the pupil's marks of an academic year, two bytes a calendar day."""
        key = (pupil.external_id, year)
        marks = self._years.get(key)
        if marks is None:
            marks, corrections = plan_year(self._ids, self._school, pupil, year)
            self._years[key] = marks
            for correction in corrections:
                self._correct(pupil, correction, marks, year)
        return marks

    def _correct(self, pupil: Pupil, correction: Correction, marks: bytearray, year: int) -> None:
        """Carry out what was found before the start; keep the rest for its day."""
        if correction.found_on > self._clock.started_on.toordinal():
            self.due[correction.found_on].append((pupil, correction))
            return
        marks[correction.place - terms.year_start(year).toordinal() * 2] = MARK_BYTE[correction.code]
        instant = min(terms.at(correction.found_on, hour=16), self._clock.started_at)
        self.changed[(pupil.number, correction.place)] = instant

    def get(self, pupil: Pupil, place: int) -> int:
        """Give the byte at a place, 0 where there is no mark or the day has not come."""
        day = date.fromordinal(place >> 1)
        if day > self._clock.today or pupil.state == FUTURE:
            return 0
        year = terms.academic_year(day)
        return self.year(pupil, year)[place - terms.year_start(year).toordinal() * 2]

    def put(self, pupil: Pupil, place: int, byte: int, *, at: float) -> None:
        """Enter, correct or (with 0) delete a mark at an instant."""
        year = terms.academic_year(date.fromordinal(place >> 1))
        self.year(pupil, year)[place - terms.year_start(year).toordinal() * 2] = byte
        key = (pupil.number, place)
        self.changed[key] = at
        if byte:
            self.removed.pop(key, None)
        else:
            self.removed[key] = Removed(pupil.number, place, at)

    def plan(self, pupil: Pupil, place: int, byte: int) -> None:
        """Change what is planned for a day to come."""
        year = terms.academic_year(date.fromordinal(place >> 1))
        self.year(pupil, year)[place - terms.year_start(year).toordinal() * 2] = byte

    def end(self, pupil: Pupil, last: int) -> None:
        """Clear what was planned after a pupil's last day."""
        for (external_id, year), marks in self._years.items():
            if external_id == pupil.external_id:
                offset = max(0, (last + 1 - terms.year_start(year).toordinal()) * 2)
                marks[offset:] = bytes(max(0, len(marks) - offset))

    def entered_at(self, pupil: Pupil, place: int) -> float:
        """Give the instant of the last change of a mark."""
        changed = self.changed.get((pupil.number, place))
        return changed if changed is not None else self._clock.mark_entered_at(place >> 1, place & 1)

    def places(self, *, first: int, last: int) -> range:
        """Give the places of the days from first to last that have come."""
        return range(first * 2, (min(last, self._clock.today.toordinal()) + 1) * 2)

    def changes(self, pupils: list[Pupil], *, since: float) -> array[int]:
        """Find the marks of any day changed at or after an instant, as `find` does."""
        start = terms.day_of(since) - 1
        last = self._clock.today.toordinal()
        # A plan brings its corrections with it, so the plans come before the oldest of those.
        longest_wait = 45
        for year in range(
            terms.academic_year(date.fromordinal(start - longest_wait)),
            terms.academic_year(self._clock.today) + 1,
        ):
            for pupil in pupils:
                self.year(pupil, year)
        oldest = min((place >> 1 for _, place in self.changed), default=start)
        return self.find(pupils, since=since, first=min(start, oldest), last=last)

    def find(self, pupils: list[Pupil], *, since: float, first: int, last: int) -> array[int]:
        """Find the marks of days first to last changed at or after an instant, in order of day.

        Each is packed as place and pupil number; `unpack` opens it.
        """
        found = array("Q")
        touched = {place for (_, place), at in self.changed.items() if at >= since}
        for place in self.places(first=first, last=last):
            day, session = place >> 1, place & 1
            if not self._school.is_open(day):
                continue
            if self._clock.mark_entered_at(day, session) >= since:
                self._collect(found, pupils, place, since=None)
            elif place in touched:
                self._collect(found, pupils, place, since=since)
        return found

    def _collect(self, found: array[int], pupils: list[Pupil], place: int, *, since: float | None) -> None:
        year = terms.academic_year(date.fromordinal(place >> 1))
        offset = place - terms.year_start(year).toordinal() * 2
        packed = place << _PUPIL_BITS
        for pupil in pupils:
            if pupil.state != FUTURE and self.year(pupil, year)[offset]:
                if since is not None and self.changed.get((pupil.number, place), 0.0) < since:
                    continue
                found.append(packed | pupil.number)

    def deletions(self, *, since: float) -> list[Removed]:
        """Give the marks deleted at or after an instant, oldest first."""
        return sorted((one for one in self.removed.values() if one.at >= since), key=lambda one: one.at)


def unpack(packed: int) -> tuple[int, int]:
    """Give the place and the pupil number of a found mark."""
    return packed >> _PUPIL_BITS, packed & ((1 << _PUPIL_BITS) - 1)
