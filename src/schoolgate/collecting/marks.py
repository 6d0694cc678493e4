"""Reads the marks that changed: references to pupils, school sessions and codes become days and codes.

Marks bypass the cache of hashes; landing compares them with the year string. A mark is held in eight
bytes until its pupil is written, so that three months of a large school stay small.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from schoolgate.blocks.queries import outstanding
from schoolgate.collecting.calls import reads_marks_by_id
from schoolgate.collecting.collector import Collector
from schoolgate.collecting.sifting import why_left_out
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import Habits, Reading, SchoolSession
from schoolgate.runs.queries import last_cohort
from schoolgate_message.groups import ATTENDANCE
from schoolgate_message.records import REMOVED_MARK, DayMarks

MOST_WINDOWS = 12
"""How many windows back a school session is looked for: marks of nearly three years."""
MOST_WINDOWS_AHEAD = 4
"""How many windows ahead: absences entered up to a year before they happen."""
CANNOT_BE_ASKED = frozenset({"source.not_found", "source.request_refused"})
"""What a source answers that gives no single pupil's marks."""
_CODE_BITS = 16


class Marks:
    """The changed marks of a run, by pupil."""

    def __init__(self) -> None:
        """None yet."""
        self.sessions: dict[str, int] = {}
        self.codes: dict[str, int] = {"": 0}
        self._kept: dict[str, array[int]] = {}
        self._days: Mapping[str, SchoolSession] = {}
        self._letters: Mapping[str, str] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def count_of(self, external_id: str) -> int:
        """How many marks came for a pupil."""
        return len(self._kept.get(external_id, ()))

    def add(self, external_id: str, session_id: str, code_id: str) -> None:
        """Keep one mark; an empty code means that it was removed."""
        session = self.sessions.setdefault(session_id, len(self.sessions))
        code = self.codes.setdefault(code_id, len(self.codes))
        self._kept.setdefault(external_id, array("Q")).append(session << _CODE_BITS | code)

    def resolve(self, days: Mapping[str, SchoolSession], letters: Mapping[str, str]) -> None:
        """Say which day and which statutory code the ids stand for."""
        self._days = days
        self._letters = letters

    def of(self, external_id: str) -> tuple[DayMarks, ...]:
        """One pupil's marks by day. A mark given anew for a school session outweighs the removed one."""
        names = list(self.sessions)
        codes = list(self.codes)
        found: dict[tuple[str, str], str] = {}
        for each in self._kept.get(external_id, ()):
            session = self._days[names[each >> _CODE_BITS]]
            code = self._letter(codes[each & ((1 << _CODE_BITS) - 1)])
            place = (session.on.isoformat(), session.name)
            if code != REMOVED_MARK or place not in found:
                found[place] = code
        days = sorted({on for on, _ in found})
        return tuple(DayMarks(on=on, am=found.get((on, "AM")), pm=found.get((on, "PM"))) for on in days)

    def _letter(self, code_id: str) -> str:
        if not code_id:
            return REMOVED_MARK
        # A code the lookup does not know goes on as "?", which landing refuses with its day.
        return self._letters.get(code_id, "?")


def collect_marks(collector: Collector, *, since_at: datetime, reach_at: datetime, settings: Habits) -> Marks:
    """Read the marks changed since, of the pupils of the cohort; the others are counted as left out.

    Of pupils with a mark that came and did not land, and of those whose marks were left out until now,
    everything is read as far back as the source reaches (``reach_at``).
    """
    marks = Marks()
    overlap = timedelta(seconds=settings.overlap_seconds)
    left = {key for key, group, _ in outstanding(collector.run.base_id) if group == ATTENDANCE}
    left &= collector.roll.cohort.keys()
    left |= _entrants(collector)
    if left and reach_at < since_at - overlap:
        _read_anew(collector, marks, left, reach_at=reach_at, window_days=settings.session_window_days)
    _read_marks(collector, marks, since_at=max(since_at - overlap, reach_at), only=None)
    if len(marks):
        days = school_days(
            collector,
            set(marks.sessions),
            read_at=collector.run.read_started_at,
            window_days=settings.session_window_days,
        )
        marks.resolve(days, collector.source.attendance_codes())
        collector.fetch_keys([key for key in marks if collector.sieve.keys_of(key) is None])
    return marks


def _entrants(collector: Collector) -> set[str]:
    """Who belongs to the cohort now, and whose marks the task's last success left out.

    Somebody new at a school that is asked for as a whole had no marks there before.
    """
    before = last_cohort(collector.run)
    if not before:
        return set()
    known = collector.sieve.known
    is_narrow = not collector.cohort.is_everybody
    return {key for key in collector.roll.cohort if key not in before and (is_narrow or key in known)}


def _read_anew(
    collector: Collector, marks: Marks, left: set[str], *, reach_at: datetime, window_days: int
) -> None:
    """Read all marks of some pupils: a few of them by their ids, many out of all that changed."""
    width = timedelta(days=window_days)
    until = (collector.run.read_started_at or collector.run.planned_at) + width
    starts = [
        reach_at + number * width for number in range(MOST_WINDOWS) if reach_at + number * width < until
    ]
    if reads_marks_by_id(len(left) * len(starts), on_roll=len(collector.roll)):
        try:
            for external_id in sorted(left):
                for start in starts:
                    reading = collector.source.marks_of(external_id, start, start + width)
                    _take_marks(collector, marks, reading, only=left)
        except SourceProblem as problem:
            if problem.code not in CANNOT_BE_ASKED:
                raise
        else:
            return
    _read_marks(collector, marks, since_at=reach_at, only=left)


def _read_marks(collector: Collector, marks: Marks, *, since_at: datetime, only: set[str] | None) -> None:
    _take_marks(collector, marks, collector.source.changed_marks(since_at), only=only)


def _take_marks(collector: Collector, marks: Marks, reading: Reading, *, only: set[str] | None) -> None:
    cohort = collector.roll.cohort
    read = collector.read(reading, must_parse=True)
    try:
        for _, rows in read.rows():
            for row in rows:
                if row.pupil in cohort and (only is None or row.pupil in only):
                    mark = collector.source.mark(row)
                    marks.add(mark.external_id, mark.session_id, mark.code_id)
                elif only is None:
                    reason = why_left_out(collector.roll.get(row.pupil))
                    collector.tally.leave_out(row.pupil, ATTENDANCE, reason=reason)
    finally:
        read.close()


def school_days(
    collector: Collector, wanted: set[str], *, read_at: datetime | None, window_days: int
) -> dict[str, SchoolSession]:
    """The day of every school session wanted, read in windows backwards from a week ahead of now.

    What is still missing then lies further ahead: schools enter known absences before they happen.
    """
    found: dict[str, SchoolSession] = {}
    start = (read_at or collector.run.planned_at).astimezone(UTC) + timedelta(days=7)
    start = start.replace(hour=0, minute=0, second=0, microsecond=0)
    steps = [-(number + 1) for number in range(MOST_WINDOWS)] + list(range(MOST_WINDOWS_AHEAD))
    for step in steps:
        missing = wanted - found.keys()
        if not missing:
            return found
        begin = start + step * timedelta(days=window_days)
        window = collector.source.sessions(begin, begin + timedelta(days=window_days))
        found |= {key: session for key, session in window.items() if key in missing}
    if wanted - found.keys():
        raise SourceProblem(
            "source.unexpected_row", detail=f"{len(wanted - found.keys())} unknown school sessions"
        )
    return found
