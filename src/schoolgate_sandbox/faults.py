"""Faults on demand: what can go wrong at the source, made to happen.

A fault names a kind and, optionally, a domain and a school. It lets `after`
matching calls pass, then strikes `times` calls.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

KINDS = (
    "latency",
    "unauthorised",
    "throttle",
    "server_error",
    "truncated",
    "repeat_rows",
    "skip_rows",
    "foreign_link",
    "empty_roll",
    "content_type",
    "hang",
)
ROLL_DOMAIN = "LearnerIdentifiers"
FOREIGN_ORIGIN = "https://evil.example"
_SECONDS = {"latency": 1.0, "hang": 60.0, "throttle": 2.0}
_MOST_ROWS = 50


class UnknownFaultError(Exception):
    """No fault of that kind."""


@dataclass(slots=True)
class Fault:
    """One fault asked for, with how many matching calls it has seen and struck."""

    id: int
    kind: str
    domain: str | None
    dfe_number: str | None
    after: int
    times: int
    seconds: float
    seen: int = 0
    hits: int = 0

    def strikes(self, domain: str, dfe_number: str) -> bool:
        """Count a call and tell whether the fault strikes it."""
        if self.domain not in {None, domain} or self.dfe_number not in {None, dfe_number}:
            return False
        if self.kind == "empty_roll" and domain != ROLL_DOMAIN:
            return False
        self.seen += 1
        if self.seen <= self.after or self.hits >= self.times:
            return False
        self.hits += 1
        return True

    def describe(self) -> dict[str, Any]:
        """Give the fault with its counts."""
        return {name: getattr(self, name) for name in self.__slots__}


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, wanted: Mapping[str, Any]) -> Fault:
        """Put a fault in force; refuses a kind it doesn't know."""
        kind = str(wanted.get("kind"))
        if kind not in KINDS:
            raise UnknownFaultError(f"kind must be one of {', '.join(KINDS)}")
        fault = Fault(
            id=next(self._ids),
            kind=kind,
            domain=wanted.get("domain"),
            dfe_number=wanted.get("dfe_number"),
            after=int(wanted.get("after") or 0),
            times=int(wanted.get("times") or 1),
            seconds=float(wanted.get("seconds") or _SECONDS.get(kind, 0.0)),
        )
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Take every fault out of force."""
        self._faults.clear()

    def all(self) -> list[dict[str, Any]]:
        """Describe the faults in force."""
        return [fault.describe() for fault in self._faults]

    def strike(self, domain: str, dfe_number: str) -> dict[str, Fault]:
        """Give the faults that strike a call, by kind."""
        return {fault.kind: fault for fault in self._faults if fault.strikes(domain, dfe_number)}


def bent_page(
    rows: Sequence[bytes], before: Sequence[bytes], struck: Iterable[str], *, is_last: bool
) -> tuple[Sequence[bytes], int]:
    """Bend a page's rows; gives them and how far the next page has to step back.

    before are the rows of the page before this one, as many as this page may hold.
    """
    kinds = set(struck)
    if "empty_roll" in kinds:
        return [], 0
    some = max(1, min(_MOST_ROWS, len(rows) // 10))
    if "skip_rows" in kinds:
        middle = len(rows) // 2
        return [*rows[:middle], *rows[middle + some :]], 0
    if "repeat_rows" in kinds and before:
        repeated = before[-some:]
        return [*repeated, *rows[: max(0, len(rows) - len(repeated))]], len(repeated)
    if "repeat_rows" in kinds and not is_last:
        return [*rows[:-some], *rows[:some]], some
    if "repeat_rows" in kinds:
        return [*rows, *rows[:some]], 0
    return rows, 0
