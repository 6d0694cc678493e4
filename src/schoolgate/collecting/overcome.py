"""What went wrong at the source and was overcome: told of a run, though nothing needs doing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from schoolgate.connectors.errors import WORDINGS
from schoolgate.runs.rules import Problem

MOST_PLACES = 20


def told_of(met: Sequence[tuple[str, str]]) -> list[Problem]:
    """One problem for each code that was met: how often, and where. ``met`` are codes with their details."""
    return [_told(code, [detail for each, detail in met if each == code]) for code in _codes(met)]


def _codes(met: Sequence[tuple[str, str]]) -> Counter[str]:
    return Counter(code for code, _ in met)


def _told(code: str, details: Sequence[str]) -> Problem:
    return Problem(
        kind="source",
        code=code,
        sentence=f"{WORDINGS[code].sentence} ({details[0]})",
        remedy="Nothing needs doing: it was tried again, and the run went on.",
        details={"times": len(details), "where": sorted(set(details))[:MOST_PLACES]},
    )
