"""What a code set is: codes with labels, the days on which each may be used, and where it is published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum


class Confidence(Enum):
    """How sure we are that this is what the publisher says."""

    OFFICIAL = "official"  # legislation, the department's own data or code, or ours to decide
    RESTATED = "restated"  # one good source that restates the publication
    UNCONFIRMED = "unconfirmed"  # one third-party source; taken, and marked on the reference page


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code. ``valid_until`` is the first day on which it may no longer be used.

    ``status`` is empty for a code in use, else a word for what it is: historic, local, main ….
    """

    code: str
    label: str
    valid_from: date | None = None
    valid_until: date | None = None
    status: str = ""
    confidence: Confidence = Confidence.RESTATED

    def is_valid(self, on: date) -> bool:
        """Whether the code may be used on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_until is None or on < self.valid_until
        )


class CodeSet:
    """The codes of one kind, with the name of the official publication they come from.

    ``reference`` is the publication's own number or name for the set, empty where none is known.
    """

    def __init__(
        self,
        name: str,
        *,
        title: str,
        publication: str,
        reference: str,
        confidence: Confidence,
        entries: Iterable[Code],
    ) -> None:
        """Keep the codes in the order given; refuses one that stands twice."""
        self.name = name
        self.title = title
        self.publication = publication
        self.reference = reference
        self.confidence = confidence
        self.entries = tuple(entries)
        self._by_code = {entry.code: entry for entry in self.entries}
        if len(self._by_code) != len(self.entries):
            raise ValueError(f"a code stands twice in the code set {name}")

    def has(self, code: str, on: date | None = None) -> bool:
        """Whether the code belongs to the set; with ``on``, whether it may be used on that day."""
        entry = self._by_code.get(code)
        return entry is not None and (on is None or entry.is_valid(on))

    def label(self, code: str) -> str:
        """The words for a code; the code itself where the set does not have it."""
        entry = self._by_code.get(code)
        return code if entry is None else entry.label
