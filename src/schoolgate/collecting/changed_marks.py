"""Reads the marks that changed, and anew those of pupils of whom some came and did not land.

Marks bypass the cache of hashes; landing compares them with the year string.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from contextlib import closing
from datetime import datetime, timedelta

from schoolgate.blocks.queries import outstanding
from schoolgate.collecting.books import Books
from schoolgate.collecting.calls import reads_marks_by_id
from schoolgate.collecting.marks import Marks
from schoolgate.collecting.reader import Reader
from schoolgate.collecting.roll import Roll
from schoolgate.collecting.school_days import MOST_WINDOWS, school_days
from schoolgate.collecting.sifting import why_left_out
from schoolgate.collecting.since import asked_from, reach_of
from schoolgate.collecting.unfit_marks import refuse_marks
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import Reading, Source
from schoolgate.runs.models import Run
from schoolgate.runs.queries import last_cohort
from schoolgate_message.groups import ATTENDANCE

CANNOT_BE_ASKED = frozenset({"source.not_found", "source.request_refused"})
"""What a source answers that gives no single pupil's marks."""


def collect_marks(
    run: Run,
    *,
    source: Source,
    reader: Reader,
    roll: Roll,
    known: Container[str],
    books: Books,
    since_at: datetime,
) -> Marks:
    """Read the marks changed since, of the pupils of the cohort; the others are counted as left out.

    Of pupils with a mark that came and did not land, and of those whose marks were left out until now,
    everything is read as far back as the source reaches. ``known`` are the external ids that
    the base has sent before.
    """
    habits = source.habits
    read_at = run.read_started_at or run.planned_at
    since_at = asked_from(since_at, source=source, read_at=read_at)
    reach_at = reach_of(source, read_at=read_at)
    taking = _Taking(source, reader=reader, roll=roll, books=books)
    waiting = outstanding(run.base_id, source=run.base.source)
    left = {key for key, group, _ in waiting if group == ATTENDANCE}
    left &= roll.cohort.keys()
    left |= _entrants(run, roll, known=known)
    if left and reach_at < since_at:
        windows = _windows(reach_at, read_at, days=habits.session_window_days)
        taking.take_anew(left, reach_at=reach_at, windows=windows)
    taking.take(source.changed_marks(since_at))
    marks = taking.marks
    marks.read_anew = frozenset(left)
    if len(marks):
        days = school_days(source, marks.sessions, read_at=read_at, window_days=habits.session_window_days)
        refuse_marks(marks.resolve(days, source.attendance_codes()), books)
    return marks


def _entrants(run: Run, roll: Roll, *, known: Container[str]) -> set[str]:
    """Who belongs to the cohort now, and whose marks the task's last success left out.

    Somebody new at a school that is asked for as a whole had no marks there before.
    """
    before = last_cohort(run)
    if not before:
        return set()
    is_narrow = not roll.is_of_everybody
    return {key for key in roll.cohort if key not in before and (is_narrow or key in known)}


def _windows(reach_at: datetime, read_at: datetime, *, days: int) -> list[tuple[datetime, datetime]]:
    """The windows in which a pupil's marks are asked for: from the reach to one beyond the read."""
    width = timedelta(days=days)
    starts = [reach_at + number * width for number in range(MOST_WINDOWS)]
    return [(start, start + width) for start in starts if start < read_at + width]


class _Taking:
    """Takes marks out of readings, those of the roll's cohort."""

    def __init__(self, source: Source, *, reader: Reader, roll: Roll, books: Books) -> None:
        self.marks = Marks()
        self._source = source
        self._reader = reader
        self._roll = roll
        self._cohort = roll.cohort
        self._books = books

    def take_anew(
        self, pupils: Collection[str], *, reach_at: datetime, windows: list[tuple[datetime, datetime]]
    ) -> None:
        """All marks of some pupils: of a few of them by their ids, of many out of all that changed."""
        if reads_marks_by_id(len(pupils) * len(windows), on_roll=len(self._roll)):
            try:
                for external_id in sorted(pupils):
                    for window in windows:
                        self.take(self._source.marks_of(external_id, *window), only=pupils)
            except SourceProblem as problem:
                if problem.code not in CANNOT_BE_ASKED:
                    raise
            else:
                return
        self.take(self._source.changed_marks(reach_at), only=pupils)

    def take(self, reading: Reading, *, only: Collection[str] | None = None) -> None:
        """The marks of a reading; with ``only``, those of some pupils, and the others aren't counted."""
        domain = reading.domain
        with closing(self._reader.read(reading)) as read:
            unplaced = read.how_many_unplaced
            self._books.receive_rows(domain, unplaced, unreadable=unplaced)
            for _, rows in read.rows():
                wanted = [row for row in rows if only is None or row.pupil in only]
                self._books.receive_rows(domain, len(wanted))
                for row in wanted:
                    if row.pupil in self._cohort:
                        mark = self._source.mark(row)
                        self.marks.add(mark.external_id, mark.session_id, mark.code_id)
                        self._books.count_rows(domain, "became")
                    else:
                        reason = why_left_out(self._roll.get(row.pupil))
                        self._books.leave_out(row.pupil, ATTENDANCE, reason=reason)
                        self._books.count_rows(domain, "left_out")
