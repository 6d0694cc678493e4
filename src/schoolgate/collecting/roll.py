"""The roll of a run: who is on it, in which state, and who belongs to the cohort."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property

import msgspec

from schoolgate.collecting.reading import ReadDomain
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import OnRoll, Source
from schoolgate.tasks.cohorts import Cohort
from schoolgate_message.records import RollEntry, RollManifest
from schoolgate_message.roll_states import CURRENT, FUTURE, LEAVER, is_on_roll


class RollPupil(msgspec.Struct, frozen=True, gc=False):
    """One pupil of the roll. ``is_past``: left before anything was ever sent of them."""

    state: str
    is_in_cohort: bool
    is_past: bool = False


class Roll:
    """A roll that was read: by external id, and how sure it is."""

    def __init__(
        self,
        pupils: dict[str, RollPupil],
        *,
        cohort: Cohort,
        declared: int | None,
        is_complete: bool,
    ) -> None:
        """``declared`` is the source's own count of all rows, cohort or not."""
        self._pupils = pupils
        self._names = {key: key for key in pupils}
        self._asked = cohort
        self.declared = declared
        self.is_complete = is_complete

    def get(self, external_id: str) -> RollPupil | None:
        """The pupil, or none who is on the roll."""
        return self._pupils.get(external_id)

    def own_name(self, external_id: str) -> str:
        """The same id as the roll holds it, so that a thousand pages do not each hold their own copy."""
        return self._names.get(external_id, external_id)

    def __len__(self) -> int:
        return len(self._pupils)

    def admit(self, external_id: str) -> None:
        """Take somebody into the cohort after all: one who left, never sent before, and only lately."""
        self._pupils[external_id] = RollPupil(state=self._pupils[external_id].state, is_in_cohort=True)

    @property
    def cohort(self) -> dict[str, str]:
        """The state of everybody who belongs to the cohort, by external id."""
        return {key: each.state for key, each in self._pupils.items() if each.is_in_cohort}

    def says_more_than(self, before: Mapping[str, str]) -> bool:
        """Whether it says something else than when it last landed: by external id, the state.

        Of a whole roll, read for everybody, it says something too that somebody is missing.
        """
        cohort = self.cohort
        if any(before.get(external_id) != state for external_id, state in cohort.items()):
            return True
        return self.is_whole and any(
            state in {CURRENT, FUTURE} and external_id not in cohort for external_id, state in before.items()
        )

    @property
    def is_of_everybody(self) -> bool:
        """Whether the cohort leaves nobody out."""
        return self._asked.is_everybody

    @property
    def is_of_leavers(self) -> bool:
        """Whether it was read for a task that asks for all that leavers have."""
        return self._asked.is_leavers

    @property
    def is_whole(self) -> bool:
        """Whether it was read completely and for everybody, so that who isn't on it is missing."""
        return self.is_of_everybody and self.is_complete

    @cached_property
    def on_roll(self) -> frozenset[str] | None:
        """Everybody who is on it; ``None`` where it wasn't read completely and for everybody."""
        if not self.is_whole:
            return None
        return frozenset(key for key, state in self.cohort.items() if is_on_roll(state))

    @property
    def beside_cohort(self) -> list[str]:
        """Who is at the school and outside the cohort: somebody who went up a year is not gone."""
        return [key for key, each in self._pupils.items() if not each.is_in_cohort]

    def manifest(self) -> RollManifest:
        """The roll as the message says it: the cohort alone."""
        cohort = self.cohort
        return RollManifest(
            cohort=self._asked.nc_years,
            declared=None if self.declared is None else self._declared_of(len(cohort)),
            # Who is missing from a cohort of leavers or of looked-after children is missing from nothing.
            is_complete=self.is_complete and not self._asked.is_changing,
            pupils=tuple(RollEntry(external_id=key, state=state) for key, state in cohort.items()),
        )

    def _declared_of(self, in_cohort: int) -> int:
        """How many of the rows that the source declared the message should name."""
        declared = self.declared or 0
        return declared - len(self.beside_cohort) if self.is_of_everybody else in_cohort


def roll_from(
    source: Source,
    read: ReadDomain,
    *,
    cohort: Cohort,
    is_wanted: Callable[[OnRoll], bool],
    sent_before: Collection[str],
) -> Roll:
    """The roll from its pages. An empty one is refused: nobody's school is empty overnight."""
    pupils: dict[str, RollPupil] = {}
    for _, rows in read.rows():
        for row in rows:
            entry = source.roll_entry(row)
            pupils[entry.external_id] = RollPupil(
                state=entry.state,
                is_in_cohort=is_wanted(entry),
                is_past=entry.state == LEAVER and entry.external_id not in sent_before,
            )
    if not pupils:
        raise SourceProblem("source.empty_roll", detail=read.reading.domain)
    return Roll(
        pupils, cohort=cohort, declared=read.declared, is_complete=read.is_confirmed and not read.unplaced
    )
