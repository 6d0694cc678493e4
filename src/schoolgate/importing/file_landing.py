"""One file on its way into the register: its head, its roll, its pupils in batches, and what it came to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import connection

from schoolgate.blocks.actions import confirm_pages, drop_pages
from schoolgate.blocks.queries import noted_outstanding, outstanding
from schoolgate.files.actions import mark_landed
from schoolgate.files.models import TransferFile
from schoolgate.files.queries import open_stream
from schoolgate.holding.actions import end_released
from schoolgate.holding.causes import (
    ABSENT,
    ANOTHER_CHILD,
    DOUBTED,
    SAME_PUPIL,
    SHORT_ROLL,
)
from schoolgate.holding.queries import released, standing
from schoolgate.holding.states import ItemState
from schoolgate.importing.admission import Gate, admit
from schoolgate.importing.arrivals import Register
from schoolgate.importing.circumstances import Facts
from schoolgate.importing.landing import land_batch, land_put_by
from schoolgate.importing.leaving import close_outstanding, leavers_of
from schoolgate.importing.mass_guard import MassGuard
from schoolgate.importing.questions import confirm_answered, open_questions, read_both_again, settle_questions
from schoolgate.importing.repeats import Repeats, deleted_beside
from schoolgate.importing.roll_guard import end_answered, hold, hold_leavings, staying, weighed
from schoolgate.importing.rules import Fate, RuleBook
from schoolgate.importing.speaking import Again, let_sources_speak, let_speak
from schoolgate.importing.tally import Tally
from schoolgate.importing.writing import Errand
from schoolgate.lib.clock import london_day
from schoolgate.matching.actions import mark_absent, see_roll
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.queries import Known, ids_of_the_same, known_pupils
from schoolgate.matching.rolls import count_named, listed_by, missing_from_roll, newest_roll, seen_by
from schoolgate.runs.actions import finish_run
from schoolgate.runs.books import write_exceptions, write_items
from schoolgate.runs.fence import check_wanted
from schoolgate.runs.intake import Intake, Landed, intake_from
from schoolgate.runs.keeping import save_intake
from schoolgate.runs.models import Run
from schoolgate.runs.queries import cohort_of, confirmed_at
from schoolgate.runs.reasons import KIND as LEFT_OUT
from schoolgate.runs.reasons import historic_send
from schoolgate.runs.rules import Problem
from schoolgate.runs.states import Origin
from schoolgate_message.groups import ATTENDANCE, BY_NAME
from schoolgate_message.message_errors import MessageError
from schoolgate_message.read_times import read_time
from schoolgate_message.records import MessagePupil
from schoolgate_message.roll_states import is_on_roll
from schoolgate_message.source_keys import source_key
from schoolgate_message.xml_reader import MessageReader

REACH = timedelta(days=92)
"""How long ago somebody who was never sent may have left to be of interest still (see docs/adr/0012)."""
_CHOSEN = frozenset({Origin.TASK.value, Origin.AD_HOC.value, Origin.RELEASE.value})
"""Runs whose pupils were picked by their cohort when the source was read."""


class FileLanding:
    """One file on its way into the register, within the transaction that lands it."""

    def __init__(self, file: TransferFile, *, attempt: int, now: datetime) -> None:
        """Read the file's head: whose it is, when its content was read, and the roll."""
        self.file = file
        self.attempt = attempt
        self.now = now
        self.run = Run.objects.select_related("base").get(pk=file.run_id)
        self.is_release = self.run.origin == Origin.RELEASE.value
        self.intake = intake_from(self.run.intake) or Intake()
        self.message = MessageReader(open_stream(file.pk))
        if self.message.header.base != self.run.base.dfe_number:
            raise MessageError(
                "message.other_base",
                "The message is of another school than the one it was received for.",
                "Send the file under its own school, or ask the maker of the file to correct its header.",
            )
        self.read_at = read_time(self.message.header, received_at=file.received_at)
        self.cohort = cohort_of(self.run)
        source = source_key(self.message.header.source)
        awaited = {pair[:2] for pair in outstanding(self.run.base_id, source=source)}
        self.tally = Tally(awaited, unread=noted_outstanding(self.run.base_id, run_id=self.run.pk))
        is_own_source = source == self.run.base.source
        self.facts = Facts(
            base_id=self.run.base_id,
            dfe_number=self.run.base.dfe_number,
            source=source,
            own_source=self.run.base.source,
            read_at=self.read_at,
            confirmed_at=confirmed_at(self.run) if is_own_source else None,
            standing=standing(self.run.base_id, source),
            released=released(self.run.pk) if self.is_release else {},
        )
        self.errand = Errand(
            base_id=self.run.base_id,
            run_id=self.run.pk,
            file_id=file.pk,
            task_id=self.run.task_id,
            user_id=self.run.requested_by if self.is_release else None,
            now=now,
            read_at=self.read_at,
        )
        self.occasion = Occasion(
            base_id=self.run.base_id,
            source=source,
            now=now,
            read_at=self.read_at,
            run_id=self.run.pk,
            file_id=file.pk,
            task_id=self.run.task_id,
        )

    def land(self) -> None:
        """Land the pupils in batches, so that memory does not grow with the file."""
        known = known_pupils(self.run.base_id, source=self.occasion.source)
        states, stay = self._see_roll(known)
        trusted = self._decided_as(SAME_PUPIL, known)
        separate = self._decided_as(ANOTHER_CHILD, known)
        confirmed = confirm_answered(facts=self.facts, on=self.occasion)
        questions = open_questions(known, states, facts=self.facts, settled=confirmed | separate.keys())
        on_roll = frozenset(external_id for external_id, state in states.items() if is_on_roll(state))
        register = Register(
            on=self.occasion,
            known=known,
            states=states,
            on_roll=on_roll if self._is_whole_roll() else None,
            trusted=trusted.keys(),
            separate=separate,
            in_doubt=self._in_doubt(),
            questions=questions,
        )
        gate = self._gate(known, states)
        for group, kept in self.message.header.kept_back.items():
            self.tally.keep_back(group, kept)
        guard = MassGuard(self.errand, staying=stay)
        repeats = Repeats(self.message, lambda: MessageReader(open_stream(self.file.pk)))
        for pupils in repeats.batches():
            check_wanted(self.run.pk, attempt=self.attempt)
            inside = self._admitted(pupils, gate, known)
            self._take_marks_once(repeats, inside)
            arrivals, unmatched = register.resolve(inside)
            land_batch(
                arrivals,
                unmatched,
                facts=self.facts,
                errand=self.errand,
                rules=RuleBook(),
                tally=self.tally,
                guard=guard,
                sent_twice=repeats.blocks_twice(pupils),
            )
            self.tally.pupils += len(pupils)
        land_put_by(guard, facts=self.facts, errand=self.errand, tally=self.tally)
        self._tell_beside(repeats, gate, register)
        if not self.cohort.is_leavers:
            left = leavers_of(states, known)
            close_outstanding(left, base_id=self.run.base_id, source=self.facts.source)
        settle_questions(
            questions, answered=register.answered, facts=self.facts, errand=self.errand, tally=self.tally
        )
        read_both_again(
            {each: known[each].pupil_id for each in separate.keys() & known.keys()},
            facts=self.facts,
            errand=self.errand,
        )

    def _see_roll(self, known: dict[str, Known]) -> tuple[dict[str, str], dict[str, int]]:
        """Note where everybody stands, by external id; and who stays since most of the school would leave."""
        states = {each.external_id: each.state for each in self.message.roll.pupils}
        newest = newest_roll(self.run.base_id, source=self.occasion.source)
        self.is_newest_roll = newest is None or self.read_at >= newest
        stay = staying(states, known, facts=self.facts, errand=self.errand) if self.is_newest_roll else {}
        states |= {key: known[key].roll_state for key in stay}
        see_roll(states, on=self.occasion)
        if self.facts.source == self.facts.own_source:
            self._take_over_the_word(is_first=not known)
        if self.is_newest_roll:
            self._let_speak(known, states)
            end_answered(states, facts=self.facts, errand=self.errand, but=stay)
            self.tally.problems += hold_leavings(stay, facts=self.facts, errand=self.errand)
        else:  # whom a newer roll has told of stands as that one says
            states |= {key: known[key].roll_state for key in states.keys() & known.keys()}
        return states, stay

    def _decided_as(self, decision: str, known: dict[str, Known]) -> dict[str, int]:
        """The pupils (external ids) of whom a person said so when releasing them, and about whom it was said.

        Not those whose id has come to stand for somebody else since: nobody was asked about that one. What
        was released by itself is decided by what holds now.
        """
        return {
            external_id: each.pupil_id or 0
            for (external_id, _), each in self.facts.released.items()
            if each.decision == decision
            and each.by is not None
            and (external_id not in known or each.pupil_id in {None, known[external_id].pupil_id})
        }

    def _in_doubt(self) -> frozenset[str]:
        """The pupils (external ids) for whom something waits since their id was not believed."""
        return frozenset(
            external_id
            for (external_id, _), each in self.facts.standing.items()
            if each.code == DOUBTED.code and each.state == ItemState.WAITING.value
        )

    def _gate(self, known: dict[str, Known], states: dict[str, str]) -> Gate:
        return Gate(
            states=states,
            last_states={external_id: each.roll_state for external_id, each in known.items()},
            is_whole=self._is_whole_roll(),
            sent_before=known.keys()
            | {external_id for external_id, _ in (*self.tally.awaited, *self.facts.standing)},
            cohort=self.cohort,
            is_chosen=self.run.origin in _CHOSEN,
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
                    self.tally.end_wait(external_id, group)
                continue
            inside.append(admitted.pupil)
        return inside

    def _take_marks_once(self, repeats: Repeats, pupils: Sequence[MessagePupil]) -> None:
        """Count marks of half days that the file has told already, and tell of those that differ."""
        for twice in repeats.take_marks_once(pupils):
            self.tally.count(ATTENDANCE, Fate.UNCHANGED, twice.same)
            self.tally.count(ATTENDANCE, Fate.REFUSED, len(twice.other))
            self.tally.problems += twice.problems()

    def _tell_beside(self, repeats: Repeats, gate: Gate, register: Register) -> None:
        """Count deletes of what the file brings as well; of a leaver a delete is ignored in any case."""
        for external_id, group in repeats.beside:
            if not is_on_roll(gate.state_of(external_id)):
                self.tally.count(group, Fate.IGNORED)
                continue
            pupil_id = register.pupil_id(external_id)
            self.tally.count(group, Fate.REFUSED)
            self.tally.problems.append(deleted_beside(external_id, group, pupil_id=pupil_id))

    def close(self, *, is_last: bool) -> None:
        """Note what the file came to; with the last one, end the run."""
        base_id, run_id = self.run.base_id, self.run.pk
        written = ids_of_the_same(self.tally.written_ids, base_id=base_id, source=self.occasion.source)
        drop_pages(base_id=base_id, groups=self.tally.written_groups, external_ids=written)
        mark_landed(self.file.pk, now=self.now)
        write_exceptions(self.run, [*self.tally.asides, *self.tally.left_out.problems(), *self._noted()])
        write_items(self.run, self.tally.items)
        landed = self.intake.landed + self.tally.landed(is_complete=_is_whole(self.message))
        intake = msgspec.structs.replace(self.intake, landed=landed)
        held = self._settle_roll(landed) if is_last else []
        if is_last and self.is_release:
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

    def _noted(self) -> list[Problem]:
        """What the message brought beside its content, for information."""
        times = self.message.extensions
        found = [_extensions(times)] if times else []
        historic = sorted(self.tally.historic.items())
        return found + [historic_send(name, BY_NAME[name].label, number) for name, number in historic]

    def _settle_roll(self, landed: Landed) -> list[Problem]:
        """What the whole run says of the roll and of the pages read; answers the removals held back."""
        held = self._hold_removals() if landed.is_complete and self.is_newest_roll else []
        confirm_pages(run_id=self.run.pk, base_id=self.run.base_id, failed=landed.failed)
        return held

    def _hold_removals(self) -> list[Problem]:
        """Absence from a complete roll ends nothing: it is told once, and waits for a person."""
        base_id, run_id = self.run.base_id, self.run.pk
        cohort, source = self.message.roll.cohort, self.occasion.source
        found = missing_from_roll(base_id, source=source, run_id=run_id, cohort=cohort)
        missing = {key: pupil for key, pupil in found.items() if key not in self.intake.beside_cohort}
        # A school that moved systems names its pupils by other ids: they are not gone.
        renamed = seen_by(run_id, base_id=base_id, pupil_ids=missing.values())
        own_source = self.facts.own_source
        listed = listed_by(own_source, beside=source, base_id=base_id, pupil_ids=missing.values())
        moved = {key for key, pupil_id in missing.items() if pupil_id in renamed | listed}
        gone = weighed(
            {key: pupil_id for key, pupil_id in missing.items() if key not in moved},
            named=count_named(run_id, base_id=base_id, source=source),
            is_in_parts=self._is_roll_in_parts(),
            facts=self.facts,
            errand=self.errand,
        )
        mark_absent(moved | gone.believed.keys(), on=self.occasion)
        return [
            *hold(gone.believed, ABSENT, facts=self.facts, errand=self.errand),
            *hold(gone.doubted, SHORT_ROLL, facts=self.facts, errand=self.errand),
        ]

    def _is_whole_roll(self) -> bool:
        """Whether the roll names everybody the message may speak of."""
        roll = self.message.roll
        return roll.is_complete and not roll.cohort and self.is_newest_roll and not self._is_roll_in_parts()

    def _is_roll_in_parts(self) -> bool:
        """Whether the roll may name only those of its own part of a message in parts.

        Ours names everybody in each part, and says how many that are where the source has counted them.
        """
        roll = self.message.roll
        return self.message.header.parts > 1 and roll.declared != len(roll.pupils)

    def _let_speak(self, known: dict[str, Known], states: dict[str, str]) -> None:
        """Where a pupil's place on this roll has changed, others come to speak, or this base does again."""
        moved = {
            external_id: known[external_id].pupil_id
            for external_id, state in states.items()
            if external_id in known and known[external_id].roll_state != state
        }
        self._await(let_speak(set(moved.values()), run_id=self.run.pk, now=self.now))

    def _take_over_the_word(self, *, is_first: bool) -> None:
        """Have the base's MIS asked again for what it wasn't heard about before the base moved to it.

        With its first file every source of the base: what one before it has told may be its own to say now.
        """
        source = None if is_first else self.facts.source
        base_id, run_id = self.run.base_id, self.run.pk
        self._await(let_sources_speak(base_id, source=source, run_id=run_id, now=self.now))

    def _await(self, again: Iterable[Again]) -> None:
        here = self.run.base_id, self.facts.source
        self.tally.awaited |= {each.pair for each in again if (each.base_id, each.source) == here}


def _is_whole(message: MessageReader) -> bool:
    """Whether the roll is complete, and as long as the source said it would be."""
    roll = message.roll
    is_told_whole = roll.declared is None or message.header.parts > 1 or roll.declared == len(roll.pupils)
    return roll.is_complete and is_told_whole


def _extensions(times: int) -> Problem:
    what = "extension of its maker's was" if times == 1 else "extensions of its maker's were"
    return Problem(
        kind=LEFT_OUT,
        code="message.extensions",
        sentence=f"{times} {what} in the message; they are kept with the file and not read.",
        remedy="Nothing needs doing: a newer release may know them.",
        details={"extensions": times},
    )


def _brings_deletes_alone(pupil: MessagePupil) -> bool:
    return bool(pupil.deleted) and not (pupil.blocks or pupil.marks)
