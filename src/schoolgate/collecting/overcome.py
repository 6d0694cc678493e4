"""What went wrong at the source and was overcome: told of a run, though nothing needs doing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schoolgate.connectors.errors import Wording
from schoolgate.runs.reasons import OVERCOME, UNSURE
from schoolgate.runs.rules import Problem

MOST_PLACES = 20


def told_of(met: Sequence[tuple[str, str]], *, wordings: Mapping[str, Wording]) -> list[Problem]:
    """One problem for each code that was met: how often, and where.

    ``met`` are codes with their details, ``wordings`` how each code is told.
    """
    found: dict[str, list[str]] = {}
    for code, detail in met:
        found.setdefault(code, []).append(detail)
    return [_told(code, details, sentence=wordings[code].sentence) for code, details in found.items()]


def _told(code: str, details: Sequence[str], *, sentence: str) -> Problem:
    return Problem(
        kind=OVERCOME,
        code=code,
        sentence=f"{sentence} ({details[0]})",
        remedy="Nothing needs doing: it was tried again, and the run went on.",
        details={"times": len(details), "where": sorted(set(details))[:MOST_PLACES]},
    )


def told_unsure(unsure: Sequence[tuple[str, str]], *, wording: Wording) -> list[Problem]:
    """One problem for each list of which nobody vouches that it is whole: which, and why."""
    found: dict[str, list[str]] = {}
    for place, doubt in unsure:
        found.setdefault(place, []).append(doubt)
    return [
        Problem(
            kind=UNSURE,
            code="source.not_vouched",
            sentence=f"{place}: {wording.sentence}",
            remedy=wording.remedy,
            details={"list": place, "why": sorted(set(doubts))[:MOST_PLACES]},
        )
        for place, doubts in found.items()
    ]
