"""The roll of a run: who is on it, in which state, and who belongs to the cohort.

Whose state is an unknown word, or whose year group where the cohort asks for years, is on the roll and beside
the cohort: left out with a reason, and missing from nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property

import msgspec

from schoolgate.collecting.reading import ReadDomain
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import OnRoll, Source
from schoolgate.runs.reasons import STATE_UNKNOWN, YEAR_UNKNOWN
from schoolgate.runs.rules import Problem
from schoolgate.tasks.cohorts import Cohort
from schoolgate_message.records import RollEntry, RollManifest
from schoolgate_message.roll_states import CURRENT, FUTURE, LEAVER, is_on_roll


class RollPupil(msgspec.Struct, frozen=True, gc=False):
    """One pupil of the roll. ``is_past``: left before anything was ever sent of them.

    ``why_left_out`` is a reason of its own (one of REASONS) for being beside the cohort, and ``said`` the
    word of the source that is to blame for it.
    """

    state: str
    is_in_cohort: bool
    is_past: bool = False
    why_left_out: str = ""
    said: str = ""


class Year(msgspec.Struct, frozen=True):
    """A year group as the school calls it, and the National Curriculum Year that is, empty if not known."""

    nc_year: str
    said: str = ""


UNASKED = Year("any")
"""Where the cohort asks for no years."""


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
            state in {CURRENT, FUTURE} and external_id not in cohort and not self._is_unclear(external_id)
            for external_id, state in before.items()
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
        return frozenset(
            key for key, each in self._pupils.items() if self._is_unclear(key) or is_on_roll(each.state)
        )

    @property
    def beside_cohort(self) -> list[str]:
        """Who is at the school and outside the cohort: somebody who went up a year is not gone."""
        return [key for key, each in self._pupils.items() if not each.is_in_cohort]

    @property
    def unclear(self) -> frozenset[str]:
        """Who is left out since a word of the source is not known."""
        return frozenset(filter(self._is_unclear, self._pupils))

    def _is_unclear(self, external_id: str) -> bool:
        entry = self._pupils.get(external_id)
        return entry is not None and bool(entry.why_left_out)

    def problems(self) -> list[Problem]:
        """What is told of words that are not known: each with how many pupils it leaves out."""
        found = Counter((each.why_left_out, each.said) for each in self._pupils.values() if each.why_left_out)
        return [_unknown_word(reason, said, pupils=times) for (reason, said), times in sorted(found.items())]

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
    year_of: Callable[[OnRoll], Year] = lambda _: UNASKED,
    sent_before: Collection[str],
) -> Roll:
    """The roll from its pages. An empty one is refused: nobody's school is empty overnight.

    So is one on which not a single state is known, or year group where the cohort asks for years: the school
    then calls them by words of its own, and nobody could be collected.
    """
    pupils: dict[str, RollPupil] = {}
    years: set[Year] = set()
    for _, rows in read.rows():
        for row in rows:
            entry = source.roll_entry(row)
            why, said = "", ""
            if not entry.state:
                why, said = STATE_UNKNOWN, entry.said
            elif entry.state != LEAVER:  # a leaver has no year group any more
                year = year_of(entry)
                years.add(year)
                if year.said and not year.nc_year:
                    why, said = YEAR_UNKNOWN, year.said
            pupils[entry.external_id] = RollPupil(
                state=entry.state,
                is_in_cohort=not why and is_wanted(entry),
                is_past=entry.state == LEAVER and entry.external_id not in sent_before,
                why_left_out=why,
                said=said,
            )
    if not pupils:
        raise SourceProblem("source.empty_roll", detail=read.reading.domain)
    if not any(each.state for each in pupils.values()):
        raise SourceProblem(
            "source.roll_states_unknown", detail=_words(each.said for each in pupils.values())
        )
    if years and not any(each.nc_year for each in years):
        raise SourceProblem("source.year_groups_unknown", detail=_words(each.said for each in years))
    return Roll(
        pupils, cohort=cohort, declared=read.declared, is_complete=read.is_confirmed and not read.unplaced
    )


def _words(said: Iterable[str]) -> str:
    """Some of the source's words, for whoever is to add them to the mapping."""
    return ", ".join(sorted({each for each in said if each})[:_MOST_WORDS]) or "the source says none"


_MOST_WORDS = 5


def _unknown_word(reason: str, said: str, *, pupils: int) -> Problem:
    who = "1 pupil is" if pupils == 1 else f"{pupils} pupils are"
    word = f"“{said}”" if said else "nothing"
    details: dict[str, object] = {"pupils": pupils, "said": said}
    if reason == STATE_UNKNOWN:
        return Problem(
            kind="refused",
            code="roll.unknown_state",
            sentence=f"{who} left out: the roll says {word} of them, which is not known as a state.",
            remedy="Ask the school, or the supplier of its MIS, for a usual word: Current, Leaver or Future.",
            details=details,
        )
    return Problem(
        kind="refused",
        code="roll.unknown_year",
        sentence=f"{who} left out: their year group is called {word}, which is not known as a year.",
        remedy="Ask the school to name its year groups like Reception, Year 3 or Y3.",
        details=details,
    )
