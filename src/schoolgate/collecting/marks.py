"""The marks of a run, by pupil: references to school sessions and codes become days and statutory codes.

A mark is held in eight bytes until its pupil is written, so that three months of a large school stay small.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping

from schoolgate.connectors.port import SchoolSession
from schoolgate_message.records import REMOVED_MARK, DayMarks

_CODE_BITS = 16


class Marks:
    """The changed marks of a run, by pupil."""

    def __init__(self) -> None:
        """None yet."""
        self.sessions: dict[str, int] = {}
        self.codes: dict[str, int] = {"": 0}
        self.read_anew: frozenset[str] = frozenset()
        """Of whom all was read that the source still tells (external ids)."""
        self._kept: dict[str, array[int]] = {}
        self._days: Mapping[str, SchoolSession] = {}
        self._letters: Mapping[str, str] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def count_of(self, external_id: str) -> int:
        """How many marks came for a pupil."""
        return len(self._kept.get(external_id, ()))

    def add(self, external_id: str, session_id: str, code_id: str) -> None:
        """Keep one mark; an empty code means that it was removed."""
        session = self.sessions.setdefault(session_id, len(self.sessions))
        code = self.codes.setdefault(code_id, len(self.codes))
        self._kept.setdefault(external_id, array("Q")).append(session << _CODE_BITS | code)

    def resolve(self, days: Mapping[str, SchoolSession], letters: Mapping[str, str]) -> None:
        """Say which day and which statutory code the ids stand for."""
        self._days = days
        self._letters = letters

    def of(self, external_id: str) -> tuple[DayMarks, ...]:
        """One pupil's marks by day. A mark given anew for a school session outweighs the removed one."""
        names = list(self.sessions)
        codes = list(self.codes)
        found: dict[tuple[str, str], str] = {}
        for each in self._kept.get(external_id, ()):
            session = self._days[names[each >> _CODE_BITS]]
            code = self._letter(codes[each & ((1 << _CODE_BITS) - 1)])
            place = (session.on.isoformat(), session.name)
            if code != REMOVED_MARK or place not in found:
                found[place] = code
        days = sorted({on for on, _ in found})
        return tuple(DayMarks(on=on, am=found.get((on, "AM")), pm=found.get((on, "PM"))) for on in days)

    def _letter(self, code_id: str) -> str:
        if not code_id:
            return REMOVED_MARK
        # A code the lookup does not know goes on as "?", which landing refuses with its day.
        return self._letters.get(code_id, "?")
