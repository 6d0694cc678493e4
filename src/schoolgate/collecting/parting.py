"""How the pupils of a run are parted into files, so that none grows too large."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_PUPILS_A_FILE = 5000
MOST_BYTES_A_FILE = 64 * 1024 * 1024
XML_GROWTH = 2.5
"""How much larger a block is in XML than in canonical form, at most, with its pupil's share of the roll."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A pupil on the way into a file, and how many bytes the canonical blocks have."""

    external_id: str
    size: int


def parts_of(pupils: Iterable[Weighed]) -> list[list[str]]:
    """Split a run's pupils into files of at most 5,000 pupils and, safely, 64 MB; at least one file."""
    parts: list[list[str]] = [[]]
    size = 0.0
    for pupil in pupils:
        weight = pupil.size * XML_GROWTH
        if parts[-1] and (len(parts[-1]) >= MOST_PUPILS_A_FILE or size + weight > MOST_BYTES_A_FILE):
            parts.append([])
            size = 0.0
        parts[-1].append(pupil.external_id)
        size += weight
    return parts
