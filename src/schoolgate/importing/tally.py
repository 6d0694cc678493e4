"""Counts what becomes of every block of a run, and keeps what a person has to see about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from schoolgate.importing.rules import Fate
from schoolgate.runs.intake import Landed
from schoolgate.runs.rules import Problem, Terms

UNMATCHED = "unmatched"
_TERMS = tuple(each.name.lower() for each in sorted(Fate))
"""The account's term for each fate, at the fate's own number: no dictionary, it is asked for every block."""


class Tally:
    """The counts of one file, each block once; marks under the group ``attendance``."""

    def __init__(self, awaited: Iterable[tuple[str, str]] = ()) -> None:
        """``awaited`` are the base's outstanding blocks: external id and data group."""
        self.awaited = set(awaited)
        self.counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.problems: list[Problem] = []
        self.asides: list[Problem] = []
        self.failed: set[str] = set()
        self.outstanding: list[tuple[str, str, str]] = []
        self.settled: list[tuple[str, str]] = []
        self.written_groups: set[str] = set()
        self.written_ids: set[str] = set()
        self.pupils = 0

    def count(self, group: str, fate: Fate, number: int = 1) -> None:
        """Count blocks (or marks) that arrived, and their fate."""
        self._count(group, _TERMS[fate], number)

    def settle(self, external_id: str, group: str, fate: Fate) -> None:
        """Count a block that landed, or was rightly ignored: it is no longer outstanding."""
        self._count(group, _TERMS[fate], 1)
        self.end_wait(external_id, group)

    def end_wait(self, external_id: str, group: str) -> None:
        """Note that a block is no longer outstanding, if it was."""
        if (external_id, group) in self.awaited:
            self.awaited.discard((external_id, group))
            self.settled.append((external_id, group))

    def fail(self, external_id: str, group: str, *, code: str, term: str) -> None:
        """Count a block that did not land: it is read again, and no page with it is remembered."""
        self._count(group, term, 1)
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
