"""What one message says twice of a pupil: the first of two contents counts, and a content before a delete.

A message may name a pupil in several places. Which of two statements lands must not hang on how they are
arranged: what deletes is gone through after everything that only brings, and a delete of a group that the
message also brings is told and not carried out. Of two contents, or two marks of one half day, the first is
taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from schoolgate.importing.verdicts import SENT_TWICE
from schoolgate.runs.rules import Problem
from schoolgate_message.groups import ATTENDANCE, BY_NAME
from schoolgate_message.records import DayMarks, MessagePupil

BATCH_PUPILS = 500
ASK = "Ask the maker of the message which of the two is right."

Pair = tuple[str, str]
Halves = dict[tuple[str, str], str]


class MarksTwice(msgspec.Struct, frozen=True, kw_only=True):
    """Marks that a message told a second time: how many are the same, and the half days that differ."""

    external_id: str
    same: int
    other: list[tuple[str, str]]

    def problems(self) -> list[Problem]:
        """What is told of those that differ."""
        return [
            Problem(
                kind="refused",
                code=SENT_TWICE,
                sentence="The message holds two different marks for this pupil and half day.",
                remedy=f"The first was taken. {ASK}",
                external_id=self.external_id,
                group=ATTENDANCE,
                details={"on": on, "session": session},
            )
            for on, session in self.other
        ]


def told_once(pupil: MessagePupil, told: Halves) -> tuple[tuple[DayMarks, ...], MarksTwice]:
    """A pupil's marks of half days not ``told`` before, which are noted there; and what the rest are."""
    once: list[DayMarks] = []
    same, other = 0, list[tuple[str, str]]()
    for day in pupil.marks:
        left: dict[str, str | None] = {}
        for session, code in (("am", day.am), ("pm", day.pm)):
            if code is None:
                continue
            half = (day.on, session.upper())
            if half not in told:
                told[half] = left[session] = code
            elif told[half] == code:
                same += 1
            else:
                other.append(half)
        if left:
            once.append(DayMarks(on=day.on, **left))
    return tuple(once), MarksTwice(external_id=pupil.keys.external_id, same=same, other=other)


def deleted_beside(external_id: str, group: str, *, pupil_id: int | None) -> Problem:
    """What is told of a delete of what the same message brings."""
    return Problem(
        kind="refused",
        code=SENT_TWICE,
        sentence=f"{BY_NAME[group].label}: the message both brings and deletes it for this pupil.",
        remedy=f"What it brings counts. {ASK}",
        pupil_id=pupil_id,
        external_id=external_id,
        group=group,
    )


class Repeats:
    """The pupils of one file in the order in which they land, and what of them came before."""

    def __init__(
        self, pupils: Iterable[MessagePupil], read_again: Callable[[], Iterable[MessagePupil]]
    ) -> None:
        """``read_again`` reads the file from its beginning: marks told before are not kept in memory."""
        self._pupils = pupils
        self._read_again = read_again
        self._brought: dict[str, set[str]] = {}
        self._with_marks: dict[str, int] = defaultdict(int)
        self._kept: dict[str, list[MessagePupil]] = {}
        self.beside: list[Pair] = []
        """Deletes of groups that the file brings as well (external id and group), once all has been read."""

    def batches(self) -> Iterator[list[MessagePupil]]:
        """Some hundred pupils at a time; one who comes twice comes in another batch the second time.

        Whoever takes them asks of each batch what came before, ahead of taking the next.
        """
        yield from _batches(self._bringing())
        yield from _batches(self._deleting())

    def _bringing(self) -> Iterator[MessagePupil]:
        """Those who only bring something, as they stand; the others are kept with all that follows of them.

        Read in the thread that lands: a parser handed to another thread, to read ahead, crashes the process.
        """
        for pupil in self._pupils:
            external_id = pupil.keys.external_id
            if pupil.deleted or external_id in self._kept:
                self._kept.setdefault(external_id, []).append(pupil)
            else:
                yield pupil

    def _deleting(self) -> Iterator[MessagePupil]:
        """Those with a delete, without what they delete of what the file brings."""
        for external_id, pupils in self._kept.items():
            groups = self._brought.get(external_id, set()).union(*(each.blocks for each in pupils))
            for pupil in pupils:
                twice = [name for name in pupil.deleted if name in groups]
                self.beside += [(external_id, name) for name in twice]
                if twice:
                    pupil.deleted = tuple(name for name in pupil.deleted if name not in groups)
                if pupil.blocks or pupil.deleted or pupil.marks:
                    yield pupil

    def blocks_twice(self, pupils: Sequence[MessagePupil]) -> set[Pair]:
        """Which blocks of these pupils (external id and group) the file has brought before."""
        twice: set[Pair] = set()
        for pupil in pupils:
            if not pupil.blocks:
                continue
            brought = self._brought.setdefault(pupil.keys.external_id, set())
            twice |= {(pupil.keys.external_id, name) for name in brought & pupil.blocks.keys()}
            brought.update(pupil.blocks)
        return twice

    def take_marks_once(self, pupils: Sequence[MessagePupil]) -> list[MarksTwice]:
        """Take out of these pupils the marks of half days that the file has told before; answers those."""
        again = {
            each.keys.external_id: self._with_marks[each.keys.external_id]
            for each in pupils
            if each.marks and each.keys.external_id in self._with_marks
        }
        before = self._marks_before(again) if again else {}
        found = []
        for pupil in pupils:
            if not pupil.marks:
                continue
            external_id = pupil.keys.external_id
            self._with_marks[external_id] += 1
            if external_id in again or len({day.on for day in pupil.marks}) < len(pupil.marks):
                pupil.marks, twice = told_once(pupil, before.get(external_id, {}))
                found.append(twice)
        return found

    def _marks_before(self, again: Mapping[str, int]) -> dict[str, Halves]:
        """What the file told of pupils' half days, in so many places with marks from its beginning."""
        left, told = dict(again), dict[str, Halves]()
        for pupil in self._read_again():
            external_id = pupil.keys.external_id
            if pupil.marks and left.get(external_id):
                left[external_id] -= 1
                told_once(pupil, told.setdefault(external_id, {}))
        return told


def _batches(pupils: Iterable[MessagePupil]) -> Iterator[list[MessagePupil]]:
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
