"""Counts what becomes of every block of a run, and keeps what a person has to see about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from schoolgate.importing.outcomes import Outcome
from schoolgate.importing.rules import Fate
from schoolgate.runs.intake import Landed
from schoolgate.runs.reasons import AT_SCHOOL, REASONS, LeftOutLists
from schoolgate.runs.rules import ItemFate, Problem, Terms
from schoolgate_message.groups import ATTENDANCE
from schoolgate_message.records import KeptBack

UNMATCHED = "unmatched"
_TERMS = tuple(each.name.lower() for each in sorted(Fate))
"""The account's term for each fate, at the fate's own number: no dictionary, it is asked for every block."""


class Tally:
    """The counts of one file, each block once; marks under the group ``attendance``."""

    def __init__(
        self, awaited: Iterable[tuple[str, str]] = (), *, unread: Collection[tuple[str, str]] = frozenset()
    ) -> None:
        """``awaited`` are the base's outstanding blocks: external id and data group.

        ``unread`` are those of which this very run could not send something: they stay outstanding.
        """
        self.awaited = set(awaited)
        self._unread = unread
        self.counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.problems: list[Problem] = []
        self.asides: list[Problem] = []
        self.items: list[ItemFate] = []
        self.left_out = LeftOutLists()
        self.historic: dict[str, int] = defaultdict(int)
        self.failed: set[str] = set()
        self.outstanding: list[tuple[str, str, str]] = []
        self.settled: list[tuple[str, str]] = []
        self.written_groups: set[str] = set()
        self.written_ids: set[str] = set()
        self.pupils = 0

    def count(self, group: str, fate: Fate, number: int = 1) -> None:
        """Count blocks (or marks) that arrived, and their fate."""
        self._count(group, _TERMS[fate], number)

    def take(self, outcome: Outcome) -> None:
        """Count a block, once, and keep what a person has to see about it."""
        external_id, name = outcome.arrival.external_id, outcome.group.name
        self._count(name, _TERMS[outcome.fate], 1)
        if outcome.items:
            self.items += _apart(outcome)
        if outcome.problems:
            kept = self.asides if outcome.fate is Fate.IGNORED else self.problems
            kept.extend(outcome.problems)
        if outcome.is_settled or outcome.waits:
            self.end_wait(external_id, name)
        elif outcome.fate in {Fate.REFUSED, Fate.IN_CONFLICT}:
            self._await(external_id, name, outcome.rule)

    def leave_out(self, external_id: str, admitted: Mapping[str, Mapping[str, int]]) -> None:
        """Count what may not come in of a pupil: groups and how many blocks or marks, by reason."""
        for reason, counts in admitted.items():
            for group, times in counts.items():
                self._count(group, "left_out", times)
                self.left_out.add(external_id, group, reason=reason)

    def keep_back(self, group: str, kept: KeptBack) -> None:
        """Count what the maker of a message found unchanged or left out, and so did not send."""
        self._count(group, "unchanged", kept.unchanged)
        for told, number in kept.left_out.items():
            reason = told if told in REASONS else AT_SCHOOL
            named = kept.who.get(told, ())
            self._count(group, "left_out", number)
            for external_id in named:
                self.left_out.add(external_id, group, reason=reason)
            # Marks are more than the pupils they are of: where those are named, nobody is missing.
            unnamed = number - len(named) if group != ATTENDANCE or not named else 0
            if unnamed > 0:
                self.left_out.add_unnamed(group, unnamed, reason=reason)

    def end_wait(self, external_id: str, group: str) -> None:
        """Note that a block is no longer outstanding, if it was."""
        if (external_id, group) in self.awaited and (external_id, group) not in self._unread:
            self.awaited.discard((external_id, group))
            self.settled.append((external_id, group))

    def leave_out_records(self, counts: Mapping[str, int]) -> None:
        """Note records of historic SEND that were left out of blocks which go on, by data group."""
        for group, times in counts.items():
            self.historic[group] += times

    def hold(self, external_id: str, group: str, number: int) -> None:
        """Count what is kept for a person until it is clear who the pupil is: nobody asks for it again."""
        self._count(group, UNMATCHED, number)
        self.end_wait(external_id, group)

    def fail(self, external_id: str, group: str, *, code: str, term: str, number: int = 1) -> None:
        """Count what did not land: it is read again, and no page with it is remembered."""
        self._count(group, term, number)
        self._await(external_id, group, code)

    def _await(self, external_id: str, group: str, code: str) -> None:
        self.failed.add(external_id)
        self.awaited.add((external_id, group))
        self.outstanding.append((external_id, group, code))

    def terms_of(self, group: str) -> Terms:
        """The file's terms of one group."""
        return Terms(**self.counts.get(group, {}))

    def landed(self, *, is_complete: bool) -> Landed:
        """What the file came to; ``is_complete`` says that its roll was."""
        return Landed(
            terms={group: self.terms_of(group) for group in self.counts},
            problems=tuple(self.problems),
            failed=frozenset(self.failed),
            is_complete=is_complete,
            pupils=self.pupils,
        )

    def _count(self, group: str, term: str, number: int) -> None:
        if number:
            terms = self.counts[group]
            terms["received"] += number
            terms[term] += number


def _apart(outcome: Outcome) -> list[ItemFate]:
    """The items of a block one by one; what was unchanged says nothing."""
    return [
        ItemFate(
            pupil_id=outcome.arrival.pupil_id,
            external_id=outcome.arrival.external_id,
            group=outcome.group.name,
            item=item,
            fate=_TERMS[fate],
            rule=outcome.rules.get(item, outcome.rule),
        )
        for item, fate in outcome.items.items()
    ]
