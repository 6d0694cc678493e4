"""Calls the roll of a run: reads its pages when somebody first asks, and parses them if it must be known who.

A roll whose pages all landed before says what it said then. Where nobody enters a cohort and no page of a
domain is new, that is all that anybody wants to know of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cached_property

import msgspec

from schoolgate.blocks.queries import landed_pages, outstanding
from schoolgate.blocks.rules import PageCounts, ProposedPage
from schoolgate.collecting.asked import Asked
from schoolgate.collecting.cohorts import CohortFilter
from schoolgate.collecting.reader import NOTHING_LANDED, Reader
from schoolgate.collecting.reading import ReadDomain
from schoolgate.collecting.roll import Roll, roll_from
from schoolgate.collecting.sieve import Sieve
from schoolgate.connectors.port import Source
from schoolgate.runs.rules import Problem
from schoolgate_message.roll_states import has_come
from schoolgate_message.source_keys import source_key


class CalledRoll(msgspec.Struct, frozen=True, kw_only=True):
    """What the roll came to, as parsed by this run or as it was when its pages landed.

    ``roll`` is there only if it was parsed. ``cohort`` are the external ids of whoever belongs to the cohort,
    for a run that remembers them. ``says_more`` is whether it says something else than when it last landed.
    """

    roll: Roll | None
    cohort: Sequence[str]
    pupils: int
    declared: int | None
    is_complete: bool
    says_more: bool


class RollCall:
    """The calling of one run's roll. Close it: its pages then go."""

    def __init__(
        self,
        reader: Reader,
        *,
        source: Source,
        asked: Asked,
        sieve: Sieve,
        note_pupils: Callable[[int], None],
    ) -> None:
        """``note_pupils`` is told how many pupils the cohort has, as far as is known."""
        self._reader = reader
        self._source = source
        self._asked = asked
        self._sieve = sieve
        self._note_pupils = note_pupils
        # Where the same roll may stand for another cohort today, it is gone through anew each time.
        self._landed = NOTHING_LANDED if asked.cohort.is_changing else reader.landed(source.roll())
        note_pupils(self._how_many_landed)

    @property
    def has_landed(self) -> bool:
        """Whether pages of the roll are known to have landed."""
        return bool(self._landed)

    @cached_property
    def pages(self) -> ReadDomain:
        """The pages of the roll, read when somebody first asks."""
        return self._reader.read(self._source.roll(), landed=self._landed)

    @cached_property
    def roll(self) -> Roll:
        """The roll itself, parsed when somebody first asks."""
        if not self.pages.is_confirmed:
            self.pages.check()
        # Who came and has not landed was sent as well, though nobody's link says so.
        left = outstanding(self._asked.base_id, source=source_key(self._asked.source))
        waiting = {external_id for external_id, _, _ in left}
        sent_before = self._sieve.known.keys() | waiting | self._sieve.kept
        wanted = self._cohort_filter(sent_before)
        roll = roll_from(
            self._source,
            self.pages,
            cohort=self._asked.cohort,
            is_wanted=wanted,
            year_of=wanted.year_of,
            sent_before=sent_before,
        )
        self._note_pupils(len(roll.cohort))
        return roll

    def _cohort_filter(self, sent_before: Collection[str]) -> CohortFilter:
        return CohortFilter(
            self._asked.cohort,
            sent_before=sent_before,
            source=self._source,
            sieve=self._sieve,
            base_id=self._asked.base_id,
            read=self._reader.read,
            today=self._asked.today,
        )

    @property
    def _is_parsed(self) -> bool:
        return "roll" in self.__dict__

    def has_newcomers(self) -> bool:
        """Whether somebody belongs to the cohort of whom pages that landed may hold rows that did not."""
        return bool(self.roll.cohort.keys() - self._landed_cohort or self.returners())

    def returners(self) -> set[str]:
        """Those whom the school lists in full for the first time, or again: read like somebody new."""
        known = self._sieve.known
        return {
            key
            for key, state in self.roll.cohort.items()
            if key in known and has_come(state, before=known[key].roll_state)
        }

    def never_landed(self) -> set[str]:
        """Those of the cohort of whom nothing has landed from this base."""
        return {key for key in self.roll.cohort if not self._sieve.has_landed(key)}

    @property
    def _how_many_landed(self) -> int:
        return sum(page.how_many for page in self._landed.values())

    @cached_property
    def _landed_cohort(self) -> frozenset[str]:
        """Who belonged to the cohort when the roll's pages last landed."""
        if not self.has_landed:
            return frozenset()
        pages = landed_pages(self._asked.base_id, self._asked.signature(self._source.roll()))
        return frozenset(key for page in pages.values() for key in page.pupils)

    def problems(self) -> list[Problem]:
        """What the roll makes a run tell; nothing where it was not gone through."""
        return self.roll.problems() if self._is_parsed else []

    def proposed(self) -> list[ProposedPage]:
        """The roll's pages to be remembered with the run; none if they say nothing new.

        A page with somebody whose word is not known is gone through, and told of, every time.
        """
        if self.pages.is_known:
            return []
        cohort, unclear = self.roll.cohort, self.roll.unclear
        by_number = {page.number: page for page in self.pages.pages}
        return [
            ProposedPage(
                signature=self._asked.signature(self.pages.reading),
                page=number,
                digest=by_number[number].digest,
                groups=(),
                counts=PageCounts(declared=self.roll.declared, is_last=by_number[number].is_last),
                pupils=tuple(row.pupil for row in rows if row.pupil in cohort),
            )
            for number, rows in self.pages.rows()
            if unclear.isdisjoint(row.pupil for row in rows)
        ]

    def outcome(self, *, is_cohort_remembered: bool) -> CalledRoll:
        """What the roll came to. Who belongs to the cohort is told only to a run that remembers it."""
        if self._is_parsed:
            roll = self.roll
            before = {key: known.roll_state for key, known in self._sieve.known.items()}
            return CalledRoll(
                roll=roll,
                cohort=list(roll.cohort) if is_cohort_remembered else [],
                pupils=len(roll.cohort),
                declared=roll.declared,
                is_complete=roll.is_complete,
                says_more=roll.says_more_than(before),
            )
        declared = next((page.counts.declared for page in self._landed.values()), None)
        return CalledRoll(
            roll=None,
            cohort=list(self._landed_cohort) if is_cohort_remembered else [],
            pupils=self._how_many_landed,
            declared=declared,
            is_complete=declared is not None,
            says_more=False,
        )

    def close(self) -> None:
        """Let the pages go."""
        if "pages" in self.__dict__:
            self.pages.close()
