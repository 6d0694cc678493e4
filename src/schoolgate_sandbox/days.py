"""One school's day on which things happen, and how a child is picked for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from schoolgate_sandbox.people import Pupil, Row
from schoolgate_sandbox.store import Roll, World


@dataclass(slots=True)
class Day:
    """One school's day on which things happen."""

    world: World
    roll: Roll
    rng: Random
    today: date

    def pupil(self) -> Pupil | None:
        """Pick a child on roll, None where the roll is empty."""
        pupils = self.roll.current()
        return self.rng.choice(pupils) if pupils else None

    def row(self, domain: str, *, is_open: bool = False) -> tuple[Pupil, Row] | None:
        """Pick a row of a domain, one without an end date where asked for."""
        found = [
            (pupil, row)
            for pupil in self.roll.current()
            for row in pupil.rows(domain)
            if not (is_open and row.values.get("EndDate"))
        ]
        return self.rng.choice(found) if found else None


Event = Callable[[Day], None]
