"""Lands a run: each of its files in one transaction, and the last one ends the run with its books.

Nothing of a file is seen before all of it is: register, audit, hashes, pages, the outstanding list, the
file's own state and the run's account are committed together, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from schoolgate.blocks.actions import confirm_pages, drop_pages
from schoolgate.blocks.queries import outstanding
from schoolgate.files.actions import begin_file, mark_landed, refuse_file, withdraw_files
from schoolgate.files.models import TransferFile
from schoolgate.files.queries import open_stream, queued_files
from schoolgate.holding.actions import end_released
from schoolgate.importing.admission import Gate, admit
from schoolgate.importing.arrivals import Register
from schoolgate.importing.circumstances import Facts
from schoolgate.importing.landing import count_unmatched, land_batch
from schoolgate.importing.rules import Fate, RuleBook
from schoolgate.importing.speaking import let_speak
from schoolgate.importing.tally import Tally
from schoolgate.importing.writing import Errand
from schoolgate.lib.bulk import without_waiting
from schoolgate.lib.clock import london_day
from schoolgate.matching.actions import mark_absent, see_roll
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.queries import Known, known_pupils, missing_from_roll, seen_by
from schoolgate.runs.actions import cancel_run, fail_run, finish_run
from schoolgate.runs.books import UnbalancedBooksError, write_exceptions
from schoolgate.runs.fence import CancelWantedError, begin_landing, check_wanted
from schoolgate.runs.intake import Intake, Landed, intake_from
from schoolgate.runs.keeping import save_intake
from schoolgate.runs.models import Run
from schoolgate.runs.queries import cohort_of, confirmed_at
from schoolgate.runs.rules import Problem
from schoolgate.runs.states import Origin
from schoolgate_message.message_errors import MessageError
from schoolgate_message.read_times import read_time
from schoolgate_message.records import MessagePupil, RollManifest
from schoolgate_message.roll_states import is_on_roll
from schoolgate_message.source_keys import source_key
from schoolgate_message.xml_reader import MessageReader

BATCH_PUPILS = 500
TRIES = 3
"""Two landings that share several pupils may stand in each other's way; one of them tries again."""
HELD_REMOVAL = "roll.absent"
REACH = timedelta(days=92)
"""How long ago somebody who was never sent may have left to be of interest still (see docs/adr/0012)."""


def land_run(*, run_id: int, attempt: int, now: datetime) -> None:
    """Land every queued file of a run that was taken up for landing.

    A file that is not a good message of this base is refused and kept, nothing of it is written, and the
    run fails with the reason; files before it stay landed. A run that somebody cancels ends within a batch
    of pupils, nothing of the file is written, and the next run reads it all again. Raises StaleAttemptError
    when the run has been taken up again, and UnbalancedBooksError when a block went missing: both leave
    nothing behind, and the latter fails the run for everybody to see.
    """
    files = queued_files(run_id)
    for file in files:
        try:
            _land_file(file, attempt=attempt, is_last=file is files[-1], now=now)
        except CancelWantedError:
            _cancel(run_id, attempt=attempt, now=now)
            return
        except MessageError as error:
            _refuse(file, error, attempt=attempt, now=now)
            return
        except UnbalancedBooksError:
            _refuse(file, _unbalanced(), attempt=attempt, now=now)
            raise


def _unbalanced() -> MessageError:
    return MessageError(
        "run.unbalanced",
        "The books of the run do not balance, so nothing of the file was written.",
        "This is a fault of Schoolgate: report it with the number of the run, and run the task again.",
    )


def _land_file(file: TransferFile, *, attempt: int, is_last: bool, now: datetime) -> None:
    begin_file(file.pk)
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                begin_landing(file.run_id, attempt=attempt)
                _check_references_at_once()
                with without_waiting(connection):
                    landing = FileLanding(file, attempt=attempt, now=now)
                    landing.land()
                    landing.close(is_last=is_last)
        except (OperationalError, DeadlockDetected) as error:  # COPY raises the driver's own
            if not left or not isinstance(error.__cause__ or error, DeadlockDetected):
                raise
        else:
            return


def _check_references_at_once() -> None:
    """Have the server check foreign keys as rows come in, while we make the next, and not all at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class FileLanding:
    """One file on its way into the register."""

    def __init__(self, file: TransferFile, *, attempt: int, now: datetime) -> None:
        """Read the file's head: whose it is, when its content was read, and the roll."""
        self.file = file
        self.attempt = attempt
        self.now = now
        self.run = Run.objects.select_related("base").get(pk=file.run_id)
        self.intake = intake_from(self.run.intake) or Intake()
        self.message = MessageReader(open_stream(file.pk))
        if self.message.header.base != self.run.base.dfe_number:
            raise MessageError(
                "message.other_base",
                "The message is of another school than the one it was received for.",
                "Send the file under its own school, or ask the maker of the file to correct its header.",
            )
        awaited = {pair[:2] for pair in outstanding(self.run.base_id)}
        self.tally = Tally(awaited)
        self.read_at = read_time(self.message.header, received_at=file.received_at)
        self.cohort = cohort_of(self.run)
        self.facts = Facts(
            base_id=self.run.base_id,
            dfe_number=self.run.base.dfe_number,
            read_at=self.read_at,
            confirmed_at=confirmed_at(self.run),
            are_leavers_asked_for=self.cohort.is_leavers,
        )
        self.errand = Errand(
            base_id=self.run.base_id,
            run_id=self.run.pk,
            file_id=file.pk,
            task_id=self.run.task_id,
            user_id=None,
            now=now,
            read_at=self.read_at,
        )
        self.occasion = Occasion(
            base_id=self.run.base_id,
            source=source_key(self.message.header.source),
            now=now,
            run_id=self.run.pk,
            file_id=file.pk,
            task_id=self.run.task_id,
        )
        self._brought: dict[str, set[str]] = {}

    def land(self) -> None:
        """Land the pupils in batches, so that memory does not grow with the file."""
        known = known_pupils(self.run.base_id, source=self.occasion.source)
        states = {each.external_id: each.state for each in self.message.roll.pupils}
        see_roll(states, on=self.occasion)
        self._let_speak(known, states)
        on_roll = frozenset(external_id for external_id, state in states.items() if is_on_roll(state))
        register = Register(
            on=self.occasion,
            known=known,
            states=states,
            on_roll=on_roll if _is_whole_roll(self.message.roll) else None,
        )
        gate = self._gate(known, states)
        for pupils in _batches(self.message):
            check_wanted(self.run.pk, attempt=self.attempt)
            arrivals, unmatched = register.resolve(self._admitted(pupils, gate, known))
            count_unmatched(unmatched, tally=self.tally)
            land_batch(
                arrivals,
                facts=self.facts,
                errand=self.errand,
                rules=RuleBook(),
                tally=self.tally,
                sent_twice=self._sent_twice(pupils),
            )
            self.tally.pupils += len(pupils)

    def _gate(self, known: dict[str, Known], states: dict[str, str]) -> Gate:
        return Gate(
            states=states,
            last_states={external_id: each.roll_state for external_id, each in known.items()},
            is_whole=_is_whole_roll(self.message.roll),
            sent_before=known.keys() | {external_id for external_id, _ in self.tally.awaited},
            cohort=self.cohort,
            is_chosen=self.run.read_started_at is not None,
            reach_on=london_day(self.read_at) - REACH,
        )

    def _admitted(
        self, pupils: Sequence[MessagePupil], gate: Gate, known: dict[str, Known]
    ) -> list[MessagePupil]:
        """What may come in of some pupils; what may not is counted, with its reason."""
        inside: list[MessagePupil] = []
        for pupil in pupils:
            admitted = admit(pupil, gate)
            external_id = pupil.keys.external_id
            self.tally.leave_out(external_id, admitted.left_out)
            self.tally.leave_out_records(admitted.historic)
            if admitted.is_nobody:
                continue
            if external_id not in known and _brings_deletes_alone(pupil):
                for group in pupil.deleted:  # of somebody who was never sent there is nothing to delete
                    self.tally.count(group, Fate.UNCHANGED)
                continue
            inside.append(admitted.pupil)
        return inside

    def _sent_twice(self, pupils: Sequence[MessagePupil]) -> set[tuple[str, str]]:
        """Which blocks of these pupils the file has brought before."""
        twice: set[tuple[str, str]] = set()
        for pupil in pupils:
            brought = self._brought.setdefault(pupil.keys.external_id, set())
            twice |= {(pupil.keys.external_id, name) for name in brought & pupil.blocks.keys()}
            brought.update(pupil.blocks)
        return twice

    def close(self, *, is_last: bool) -> None:
        """Note what the file came to; with the last one, end the run."""
        base_id, run_id = self.run.base_id, self.run.pk
        drop_pages(base_id=base_id, groups=self.tally.written_groups, external_ids=self.tally.written_ids)
        mark_landed(self.file.pk, now=self.now)
        write_exceptions(self.run, [*self.tally.asides, *self.tally.left_out.problems()])
        landed = self.intake.landed + self.tally.landed(is_complete=_is_whole(self.message))
        intake = msgspec.structs.replace(self.intake, landed=landed)
        held = self._settle_roll(landed) if is_last else []
        if is_last and self.run.origin == Origin.RELEASE.value:
            end_released(run_id=run_id, base_id=base_id, now=self.now)
        # The run's own row is held from here to the commit: what takes long is done before.
        connection.check_constraints()
        check_wanted(run_id, attempt=self.attempt)
        if not is_last:
            save_intake(run_id, attempt=self.attempt, intake=intake)
            return
        finish_run(
            run_id,
            attempt=self.attempt,
            accounts=intake.accounts(),
            now=self.now,
            exceptions=[*landed.problems, *held],
        )

    def _settle_roll(self, landed: Landed) -> list[Problem]:
        """What the whole run says of the roll and of the pages read; answers the removals held back."""
        held = self._hold_removals() if landed.is_complete else []
        confirm_pages(run_id=self.run.pk, base_id=self.run.base_id, failed=landed.failed)
        return held

    def _hold_removals(self) -> list[Problem]:
        """Absence from a complete roll ends nothing: it is shown once, and waits for a person."""
        cohort = self.message.roll.cohort
        base_id, run_id = self.run.base_id, self.run.pk
        beside = frozenset(self.intake.beside_cohort)
        found = missing_from_roll(base_id, source=self.occasion.source, run_id=run_id, cohort=cohort)
        missing = {external_id: pupil for external_id, pupil in found.items() if external_id not in beside}
        mark_absent(missing, on=self.occasion)
        # A school that moved systems names its pupils by other ids: they are not gone.
        renamed = seen_by(run_id, base_id=base_id, pupil_ids=missing.values())
        return [
            Problem(
                kind="held removal",
                code=HELD_REMOVAL,
                sentence="The pupil is no longer on the school's roll, and no leaving date has come.",
                remedy="Ask the school for the leaving date; until then the record stays as it is.",
                pupil_id=pupil_id,
                external_id=external_id,
            )
            for external_id, pupil_id in missing.items()
            if pupil_id not in renamed
        ]

    def _let_speak(self, known: dict[str, Known], states: dict[str, str]) -> None:
        """Where a pupil's place on this roll has changed, others come to speak, or this base does again."""
        moved = {
            external_id: known[external_id].pupil_id
            for external_id, state in states.items()
            if external_id in known and known[external_id].roll_state != state
        }
        again = let_speak(set(moved.values()), run_id=self.run.pk, now=self.now)
        self.tally.awaited |= {each[1:] for each in again if each[0] == self.run.base_id}


@transaction.atomic
def _cancel(run_id: int, *, attempt: int, now: datetime) -> None:
    cancel_run(run_id, attempt=attempt, now=now)
    withdraw_files(run_id=run_id, now=now)


@transaction.atomic
def _refuse(file: TransferFile, error: MessageError, *, attempt: int, now: datetime) -> None:
    """Keep the file for a person to see, with line and reason; the run fails."""
    line = error.line or None
    refuse_file(file.pk, code=error.code, sentence=error.sentence, line=line, now=now)
    problem = Problem(kind="file", code=error.code, sentence=error.sentence, remedy=error.remedy, line=line)
    fail_run(
        file.run_id,
        attempt=attempt,
        code=error.code,
        sentence=error.sentence if line is None else f"Line {line}: {error.sentence}",
        remedy=error.remedy,
        detail=f"file {file.name}",
        now=now,
        exceptions=[problem],
    )


def _batches(pupils: Iterable[MessagePupil]) -> Iterator[list[MessagePupil]]:
    """Some hundred pupils at a time; one who comes twice comes in another batch the second time.

    Read in the thread that lands: a parser handed to another thread, to read ahead, crashes the process.
    """
    batch: list[MessagePupil] = []
    seen: set[str] = set()
    for pupil in pupils:
        if len(batch) >= BATCH_PUPILS or pupil.keys.external_id in seen:
            yield batch
            batch, seen = [], set()
        batch.append(pupil)
        seen.add(pupil.keys.external_id)
    if batch:
        yield batch


def _is_whole(message: MessageReader) -> bool:
    """Whether the roll is complete, and as long as the source said it would be."""
    roll = message.roll
    is_told_whole = roll.declared is None or message.header.parts > 1 or roll.declared == len(roll.pupils)
    return roll.is_complete and is_told_whole


def _brings_deletes_alone(pupil: MessagePupil) -> bool:
    return bool(pupil.deleted) and not (pupil.blocks or pupil.marks)


def _is_whole_roll(roll: RollManifest) -> bool:
    return roll.is_complete and not roll.cohort
