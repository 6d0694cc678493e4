"""What a connector takes for granted, as lines of a page: value, how sure, how we know, whose word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Protocol

from schoolgate.connectors.connector import Connector
from schoolgate.connectors.declarations import Assumption, Kind, Standing
from schoolgate.connectors.errors import UnusableSettingError

STANDINGS = {
    Standing.STATED: ("Stated", "green"),
    Standing.INFERRED: ("Inferred", "yellow"),
    Standing.ASSUMED: ("Assumed", "orange"),
}
"""How sure a default is: word and tone."""
NOTHING_SET = "none"


class Own(Protocol):
    """A value of an administrator's own, and who gave it when."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def changed_at(self) -> datetime: ...
    @property
    def changed_by(self) -> int | None: ...


@dataclass(frozen=True, kw_only=True)
class Line:
    """One setting: ``own`` where it was given a value here, ``problem`` where that can't be used."""

    declared: Assumption
    value: str
    shipped: str
    own: Own | None
    problem: str

    @property
    def standing(self) -> tuple[str, str]:
        """How sure the default is, as word and tone."""
        return STANDINGS[self.declared.standing]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All that a connector takes for granted."""

    lines: list[Line]
    forgotten: list[Own]

    @property
    def sections(self) -> list[tuple[str, list[Line]]]:
        """The lines by section, in the connector's order."""
        return [(name, list(rows)) for name, rows in groupby(self.lines, lambda line: line.declared.section)]

    @property
    def counts(self) -> dict[str, int]:
        """How many settings there are of each standing, in small letters."""
        return {
            word.lower(): sum(line.declared.standing is standing for line in self.lines)
            for standing, (word, _) in STANDINGS.items()
        }

    @property
    def own(self) -> int:
        """How many were given values here."""
        return sum(line.own is not None for line in self.lines)

    @property
    def broken(self) -> list[tuple[str, str]]:
        """Name and label of those that can't be used; while there is one, nothing is collected."""
        found = [(line.declared.name, line.declared.label) for line in self.lines if line.problem]
        return [*found, *((each.name, each.name) for each in self.forgotten)]


def sheet(connector: Connector, own: Iterable[Own], *, operators: Mapping[str, str]) -> Sheet:
    """Every setting with its value: the operator's, an administrator's, or the default."""
    by_name = {each.name: each for each in own}
    lines = [
        _line(connector, each, by_name.pop(each.name, None), operators) for each in connector.assumptions
    ]
    return Sheet(lines=lines, forgotten=list(by_name.values()))


def line_of(found: Sheet, name: str) -> Line | None:
    """One setting an administrator may change."""
    return next(
        (each for each in found.lines if each.declared.name == name and not each.declared.is_operators), None
    )


def _line(connector: Connector, declared: Assumption, own: Own | None, operators: Mapping[str, str]) -> Line:
    value = operators.get(declared.name, own.value if own else declared.default)
    return Line(
        declared=declared,
        value=in_words(declared, value),
        shipped=in_words(declared, declared.default),
        own=own,
        problem=problem_of(connector, declared.name, own.value) if own else "",
    )


def problem_of(connector: Connector, name: str, value: str) -> str:
    """What is wrong with a value, as one sentence that says what to do; empty where nothing is."""
    try:
        connector.check(name, value)
    except UnusableSettingError as refusal:
        return refusal.remedy
    return ""


def in_words(declared: Assumption, value: str) -> str:
    """A value as people read it: `300 seconds`, `Yes`, `none`."""
    if not value:
        return NOTHING_SET
    if declared.kind is Kind.YES_OR_NO:
        return "Yes" if value == "true" else "No"
    if declared.kind is Kind.WHOLE_NUMBER and value.isdecimal():
        value = f"{int(value):,}"
    return f"{value} {declared.unit}".strip()
