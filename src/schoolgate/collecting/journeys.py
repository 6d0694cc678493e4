"""Carries out the reading of one run: a snapshot, what changed, or marks; hands on what came of it."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from functools import partial

from schoolgate.blocks.rules import ProposedPage
from schoolgate.collecting.asked import Asked
from schoolgate.collecting.books import Books
from schoolgate.collecting.changed_marks import collect_marks
from schoolgate.collecting.changes import collect_changes
from schoolgate.collecting.collected import Collected
from schoolgate.collecting.identifying import fetch_keys
from schoolgate.collecting.marks import Marks
from schoolgate.collecting.milestones import Milestones
from schoolgate.collecting.outbox import Outbox
from schoolgate.collecting.overcome import told_of, told_unsure
from schoolgate.collecting.reader import Reader
from schoolgate.collecting.roll_call import RollCall
from schoolgate.collecting.sieve import Sieve
from schoolgate.collecting.sifter import SiftedReading, Sifter
from schoolgate.collecting.since import told_clocks
from schoolgate.collecting.snapshots import collect_snapshot
from schoolgate.connectors import registry
from schoolgate.connectors.port import Source
from schoolgate.runs.models import Run
from schoolgate_message.data_types import DataType
from schoolgate_message.records import MatchKeys


def collected(
    run: Run, *, asked: Asked, source: Source, reader: Reader, milestones: Milestones, outbox: Outbox
) -> Collected:
    """Read, call the roll and sift, as the data type wants it. Raises SourceProblem and CancelWanted."""
    sieve = Sieve(asked.base_id, source=run.base.source)
    books = Books()
    sifter = Sifter(source, asked=asked, sieve=sieve, outbox=outbox, books=books)
    call = RollCall(reader, source=source, asked=asked, sieve=sieve, note_pupils=milestones.note_pupils)
    readings: list[SiftedReading] = []
    roll_pages: list[ProposedPage] = []
    marks: Marks | None = None
    with closing(call):
        if run.progress:
            milestones.show()
        if run.data_type == DataType.ATTENDANCE_CHANGED_DATA.value:
            marks = _marks(run, source=source, reader=reader, call=call, sieve=sieve, books=books)
        else:
            readings = _blocks(run, source=source, reader=reader, call=call, sifter=sifter)
            roll_pages = call.proposed()
        going = list(outbox if marks is None else marks)
        unknown = [external_id for external_id in going if sieve.keys_of(external_id) is None]
        if unknown:
            fetch_keys(unknown, reader=reader, source=source, roll=call.roll, sieve=sieve, outbox=outbox)
        _tell(run, books, reader, source, call)
        return Collected(
            run=run,
            source=asked.source,
            # Who was read is asked for by the next run that reads changes.
            roll=call.outcome(is_cohort_remembered=run.data_type != DataType.SNAPSHOT.value),
            roll_pages=roll_pages,
            readings=readings,
            outbox=outbox,
            books=books,
            marks=marks,
            keys={each: sieve.keys_of(each) or MatchKeys(external_id=each) for each in going},
            retell=partial(sieve.retell, run.read_started_at or run.planned_at),
            forgotten=sieve.forgotten,
            clock_offset=source.clock_offset,
        )


def _blocks(
    run: Run, *, source: Source, reader: Reader, call: RollCall, sifter: Sifter
) -> list[SiftedReading]:
    if run.data_type != DataType.CHANGED_DATA.value or run.since_at is None:
        return collect_snapshot(reader, call=call, sifter=sifter)
    return collect_changes(
        run,
        source=source,
        reader=reader,
        call=call,
        sifter=sifter,
        since_at=run.since_at,
        read_at=run.read_started_at or run.planned_at,
    )


def _marks(run: Run, *, source: Source, reader: Reader, call: RollCall, sieve: Sieve, books: Books) -> Marks:
    reach_at = (run.read_started_at or run.planned_at) - timedelta(days=source.habits.reach_back_days)
    return collect_marks(
        run,
        source=source,
        reader=reader,
        roll=call.roll,
        known=sieve.known,
        books=books,
        since_at=run.since_at or run.base.moved_to_sims_primary_at or reach_at,
    )


def _tell(run: Run, books: Books, reader: Reader, source: Source, call: RollCall) -> None:
    """Put among what the run tells what no single block is to blame for."""
    for problem in call.problems():
        books.note(problem)
    wordings = registry.of(run.base.mis).problems
    for problem in told_of(reader.met, wordings=wordings):
        books.note(problem)
    for problem in told_unsure(reader.unsure, wording=wordings["source.not_vouched"]):
        books.note(problem)
    books.note_rows()
    for problem in told_clocks(source.clock_offset):
        books.note(problem)
    books.note_historic()
    books.note_left_out()
