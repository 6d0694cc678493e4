"""Keeps for a person what a batch brought and may not land by itself, and lets go what has landed since.

What waits is off the outstanding list: it is here, so that nobody has to ask the school for it every night.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from schoolgate.holding.actions import let_go, put_aside
from schoolgate.holding.causes import CAUSES
from schoolgate.holding.rules import (
    BLOCK,
    DELETE,
    MARKS,
    Pair,
    Waiting,
    fixed_digest,
    marks_content,
    marks_digest,
)
from schoolgate.importing.admission import count_of
from schoolgate.importing.arrivals import Unmatched
from schoolgate.importing.circumstances import Facts
from schoolgate.importing.outcomes import Outcome
from schoolgate.importing.rules import Fate
from schoolgate.importing.tally import UNMATCHED, Tally
from schoolgate.importing.verdicts import told_twice
from schoolgate.importing.writing import Errand
from schoolgate.runs.rules import Problem
from schoolgate_message.blocks import canonical_bytes, hash_of_bytes
from schoolgate_message.groups import ATTENDANCE, BY_NAME

LANDED = "Newer content has landed."


class Keeping:
    """What of one batch is put aside for a person, and what need not wait any more."""

    def __init__(
        self, facts: Facts, *, errand: Errand, tally: Tally, sent_twice: Collection[Pair] = frozenset()
    ) -> None:
        """Nothing yet. ``sent_twice`` are blocks that the file has brought before."""
        self._sent_twice = sent_twice
        self._facts = facts
        self._errand = errand
        self._tally = tally
        self._waiting: list[Waiting] = []
        self._gone: list[Pair] = []

    def take(self, outcomes: Iterable[Outcome]) -> None:
        """Of decided blocks: those that wait, and those before which something waited."""
        for outcome in outcomes:
            if outcome.waits:
                self._waiting.append(self._of_outcome(outcome))
            elif outcome.pair in self._facts.standing and outcome.is_settled and not _stays(outcome):
                self._gone.append(outcome.pair)

    def take_unmatched(self, unmatched: Sequence[Unmatched]) -> None:
        """Count what came of pupils of whom a person must say who they are, and keep it where it is held."""
        for each in unmatched:
            if each.is_held:
                self._hold(each)
            else:
                self._await(each)

    def finish(self) -> None:
        """Write it."""
        facts, errand = self._facts, self._errand
        put_aside(self._waiting, base_id=facts.base_id, run_id=errand.run_id, now=errand.now)
        facts.now_wait(self._waiting)
        let_go(
            self._gone,
            base_id=facts.base_id,
            source=facts.source,
            why=LANDED,
            now=errand.now,
            read_at=errand.read_at,
        )

    def _of_outcome(self, outcome: Outcome) -> Waiting:
        return Waiting(
            external_id=outcome.arrival.external_id,
            source=self._facts.source,
            group=outcome.group.name,
            kind=BLOCK if outcome.sent else DELETE,
            code=outcome.waits,
            digest=outcome.digest or fixed_digest(DELETE),
            read_at=self._errand.read_at,
            keys=outcome.arrival.pupil.keys,
            content=outcome.sent or b"",
            pupil_id=outcome.arrival.pupil_id,
        )

    def _hold(self, who: Unmatched) -> None:
        """What of it waits already, or was refused, is not told again."""
        external_id = who.pupil.keys.external_id
        is_news = False
        for waiting, times in self._pieces(who):
            if self._facts.waits_already(waiting.pair, waiting.digest):
                self._tally.count(waiting.group, Fate.UNCHANGED, times)
            elif waiting.kind == BLOCK and waiting.pair in self._sent_twice:
                self._tally.count(waiting.group, Fate.REFUSED, times)
                self._tally.problems.append(told_twice(who.pupil_id, external_id, BY_NAME[waiting.group]))
            else:
                self._tally.hold(external_id, waiting.group, times)
                self._waiting.append(waiting)
                is_news = True
        if is_news:
            cause = CAUSES[who.code]
            self._tally.problems.append(
                Problem(
                    kind="held",
                    code=cause.code,
                    sentence=cause.sentence,
                    remedy=cause.remedy,
                    pupil_id=who.pupil_id,
                    external_id=external_id,
                )
            )

    def _pieces(self, who: Unmatched) -> Iterable[tuple[Waiting, int]]:
        """Everything that came of a pupil, piece by piece, and how many blocks or marks that is."""
        pupil = who.pupil
        for name in pupil.deleted:
            yield self._piece(who, name, DELETE, digest=fixed_digest(DELETE)), 1
        for name, content in pupil.blocks.items():
            written = canonical_bytes(content)
            digest = hash_of_bytes(BY_NAME[name], written)
            yield self._piece(who, name, BLOCK, digest=digest, content=written), 1
        if pupil.marks:
            written = marks_content(pupil.marks)
            piece = self._piece(who, ATTENDANCE, MARKS, digest=marks_digest(written), content=written)
            yield piece, count_of(pupil.marks)

    def _piece(
        self, who: Unmatched, group: str, kind: str, *, digest: bytes, content: bytes = b""
    ) -> Waiting:
        return Waiting(
            external_id=who.pupil.keys.external_id,
            source=self._facts.source,
            group=group,
            kind=kind,
            code=who.code,
            digest=digest,
            read_at=self._errand.read_at,
            keys=who.said,
            content=content,
            pupil_id=who.pupil_id,
        )

    def _await(self, who: Unmatched) -> None:
        """A problem that is not held: the blocks are outstanding, and asked for again."""
        external_id = who.pupil.keys.external_id
        sentence, remedy = who.words
        self._tally.problems.append(
            Problem(kind=UNMATCHED, code=who.code, sentence=sentence, remedy=remedy, external_id=external_id)
        )
        for name in (*who.pupil.blocks, *who.pupil.deleted):
            self._tally.fail(external_id, name, code=who.code, term=UNMATCHED)
        if who.pupil.marks:
            times = count_of(who.pupil.marks)
            self._tally.fail(external_id, ATTENDANCE, code=who.code, term=UNMATCHED, number=times)


def _stays(outcome: Outcome) -> bool:
    """Whether what waits goes on waiting: the same content came, or older, or nothing that lands."""
    return outcome.fate is Fate.UNCHANGED and not outcome.speaks
