"""What a run owes: what was taken in from the source or at the door, until it has all landed.

Kept with the run from the moment its content is safely here until the run ends. A run without one has still
to read its source; one that has one must land, before anything read later does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from schoolgate.lib.convert import converter
from schoolgate.runs.rules import Problem, RowTerms, Terms


class Landed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the run's files that landed so far came to, the last of them or not.

    ``failed`` are the external ids with a block that did not land. ``is_complete`` says that every roll was.
    """

    terms: dict[str, Terms] = {}
    problems: tuple[Problem, ...] = ()
    failed: frozenset[str] = frozenset()
    is_complete: bool = True
    pupils: int = 0

    def __add__(self, file: Landed) -> Landed:
        """These files with one more."""
        return Landed(
            terms=sum_of(self.terms, file.terms),
            problems=(*self.problems, *file.problems),
            failed=self.failed | file.failed,
            is_complete=self.is_complete and file.is_complete,
            pupils=self.pupils + file.pupils,
        )


class Intake(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was settled before landing, and what has landed.

    ``terms`` are those of the account that were settled by themselves, by data group; ``problems`` what was
    refused or left out by then, which becomes the run's exceptions when it ends. ``beside_cohort`` are the
    external ids on the roll that the run's cohort leaves out: they are not missing from it. A received file
    settles nothing before it lands.
    """

    terms: dict[str, Terms] = {}
    problems: tuple[Problem, ...] = ()
    beside_cohort: tuple[str, ...] = ()
    landed: Landed = Landed()

    def accounts(self) -> dict[str, Terms]:
        """The run's books so far: what was settled before, and what landing made of the rest."""
        return sum_of(self.terms, self.landed.terms)


_intake_from = converter(Intake)
_rows_from = converter(dict[str, RowTerms])


class Sifted(msgspec.Struct, frozen=True, kw_only=True):
    """What collecting hands over: the terms it settled, how whole the roll was, whom it read (external ids).

    ``problems`` are what collecting itself refused or held; they become exceptions when the run ends.
    ``rows`` are the books of the source's rows, by domain, ``clock_offset`` its clock minus ours in
    seconds.
    """

    terms: Mapping[str, Terms]
    rows: Mapping[str, RowTerms] = {}
    clock_offset: float = 0.0
    pupils_read: int
    pupils_declared: int | None
    is_complete_read: bool
    cohort: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    beside_cohort: Sequence[str] = ()

    def intake(self) -> Intake:
        """What the run owes from now on."""
        return Intake(
            terms=dict(self.terms),
            problems=tuple(self.problems),
            beside_cohort=tuple(self.beside_cohort),
        )


def sum_of(some: Mapping[str, Terms], more: Mapping[str, Terms]) -> dict[str, Terms]:
    """The terms of both, by data group."""
    groups = sorted(some.keys() | more.keys())
    return {group: some.get(group, Terms()) + more.get(group, Terms()) for group in groups}


def kept_rows(rows: Mapping[str, RowTerms]) -> Any:
    """The books of rows as a run's row has them."""
    return msgspec.to_builtins(rows)


def rows_from(kept: Any) -> dict[str, RowTerms]:
    """The books of rows, by domain, as a run's row has them."""
    return {} if kept is None else _rows_from(kept)


def intake_from(kept: Any) -> Intake | None:
    """The intake as a run's row has it; ``None`` while the run has taken nothing in."""
    return None if kept is None else _intake_from(kept)


def kept_intake(intake: Intake) -> Any:
    """The intake as a run's row has it."""
    return msgspec.to_builtins(intake)
