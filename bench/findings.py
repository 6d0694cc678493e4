"""What a benchmark found: ratios measured in one run beside their targets, figures, and plain sentences."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

ROUNDS = 3


@dataclass(frozen=True)
class Ratio:
    """One ratio beside its target; ``is_at_most`` says on which side of the target it should be."""

    what: str
    value: float
    target: float
    is_at_most: bool
    unit: str = "x"
    explanation: str = ""  # where the time goes, asked for where the target is missed

    @property
    def is_met(self) -> bool:
        return self.value <= self.target if self.is_at_most else self.value >= self.target

    def told(self, value: float) -> str:
        if self.unit == "%":
            return f"{value:.1f} %"
        shown = f"{value:.2f}" if abs(value) < 10 else f"{value:,.0f}"
        return shown.removesuffix(".00") + (f" {self.unit}" if self.unit else "")

    def target_told(self) -> str:
        return ("≤ " if self.is_at_most else "≥ ") + self.told(self.target)


@dataclass
class Finding:
    """All that one benchmark says. ``method`` tells what was held against what."""

    title: str
    method: str
    ratios: list[Ratio] = field(default_factory=list)
    figures: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_dict(found: dict[str, Any]) -> Finding:
        return Finding(**{**found, "ratios": [Ratio(**each) for each in found["ratios"]]})


def seconds_of(work: Callable[[], object]) -> float:
    """How long the work takes, with earlier rubbish cleared away first."""
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_seconds(work: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """The median of several rounds."""
    return statistics.median(seconds_of(work) for _ in range(rounds))


def milliseconds(seconds: float) -> str:
    """A duration for a table: milliseconds below a second."""
    return f"{seconds * 1000:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"
