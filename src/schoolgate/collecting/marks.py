"""The marks of a run, by pupil: references to school sessions and codes become days and statutory codes.

A mark is held in eight bytes until its pupil is written, so that three months of a large school stay small.
What has no day, no half of it or no statutory code is set aside mark by mark, with what the school wrote; the
pupil's other marks go on.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from schoolgate.codes.attendance import CODES, MarkClass, class_of
from schoolgate.connectors.port import SchoolCode, SchoolSession
from schoolgate_message.records import REMOVED_MARK, DayMarks

_CODE_BITS = 16
_CODE_MASK = (1 << _CODE_BITS) - 1
_HALVES = ("AM", "PM")

NO_SESSION, UNKNOWN_SESSION = "attendance.no_session", "attendance.unknown_session"
NO_DAY, UNKNOWN_HALF = "attendance.no_day", "attendance.unknown_half"
UNKNOWN_CODE, TWO_MARKS = "attendance.unknown_code", "attendance.two_marks"

_GRAVITY = (
    MarkClass.UNAUTHORISED_ABSENCE,
    MarkClass.AUTHORISED_ABSENCE,
    MarkClass.NOT_POSSIBLE,
    MarkClass.APPROVED_ACTIVITY,
    MarkClass.PRESENT,
    MarkClass.NOT_COUNTED,
)
FOR_THE_TIME_BEING = "N"
"""Reason not yet established."""


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A mark that does not go on, and why: one of the codes above.

    ``on`` (YYYY-MM-DD) and ``session`` (the school's word for it) are empty where the source tells none,
    ``code`` is as the school writes it.
    """

    external_id: str
    reason: str
    on: str = ""
    session: str = ""
    code: str = ""


class Marks:
    """The changed marks of a run, by pupil."""

    def __init__(self) -> None:
        """None yet."""
        self.sessions: dict[str, int] = {}
        self.codes: dict[str, int] = {"": 0}
        self.read_anew: frozenset[str] = frozenset()
        """Of whom all was read that the source still tells (external ids)."""
        self._kept: dict[str, array[int]] = {}
        self._codes: list[str] = []

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

    def resolve(
        self, days: Mapping[str, SchoolSession], codes: Mapping[str, SchoolCode]
    ) -> Iterator[SetAside]:
        """Say what the ids stand for; answers the marks that do not go on, and must be gone through.

        The same mark twice is one. Of two that differ for one half day a given one outweighs a removed one,
        any other outweighs N, which stands until a reason is known, and then the graver the other, so that no
        absence is lost; in which order they came says nothing.
        """
        sessions = [_session(each, days) for each in self.sessions]
        said = [codes.get(each) for each in self.codes]
        self._codes = [REMOVED_MARK, *map(_statutory, said[1:])]
        for external_id, packed in list(self._kept.items()):
            found: dict[int, set[int]] = {}
            for each in dict.fromkeys(packed):
                session, code = sessions[each >> _CODE_BITS], each & _CODE_MASK
                reason = session.fault or ("" if self._codes[code] else UNKNOWN_CODE)
                if reason:
                    yield _set_aside(external_id, session, said[code], reason)
                else:
                    found.setdefault(session.place, set()).add(code)
            settled = array("Q")
            for place in sorted(found):
                first, *others = self._by_weight(found[place], said)
                settled.append(place << _CODE_BITS | first)
                for code in others:
                    yield _set_aside(external_id, _at(place), said[code], TWO_MARKS)
            self._kept[external_id] = settled
            if not settled:
                del self._kept[external_id]

    def _by_weight(self, codes: set[int], said: Sequence[SchoolCode | None]) -> list[int]:
        """Codes given for one half day, one of each statutory code, the one that is taken first."""
        if len(codes) == 1:
            return list(codes)
        in_order = sorted(codes, key=lambda code: "" if (found := said[code]) is None else found.said)
        by_letter = {self._codes[code]: code for code in reversed(in_order)}
        if len(by_letter) > 1:
            by_letter.pop(REMOVED_MARK, None)
        return [by_letter[letter] for letter in sorted(by_letter, key=_weight)]

    def of(self, external_id: str) -> tuple[DayMarks, ...]:
        """One pupil's marks by day, in order."""
        found: dict[int, list[str | None]] = {}
        for each in self._kept.get(external_id, ()):
            day, half = divmod(each >> _CODE_BITS, 2)
            found.setdefault(day, [None, None])[half] = self._codes[each & _CODE_MASK]
        return tuple(
            DayMarks(on=date.fromordinal(day).isoformat(), am=am, pm=pm) for day, (am, pm) in found.items()
        )


class _Session(msgspec.Struct, frozen=True):
    """A school session as marks refer to it: twice its day's number, one more for PM, or a fault."""

    place: int = 0
    fault: str = ""
    on: str = ""
    said: str = ""


def _session(session_id: str, days: Mapping[str, SchoolSession]) -> _Session:
    found = days.get(session_id)
    if found is None:
        return _Session(fault=UNKNOWN_SESSION if session_id else NO_SESSION)
    if found.on is None:
        return _Session(fault=NO_DAY, said=found.said)
    if found.name not in _HALVES:
        return _Session(fault=UNKNOWN_HALF, on=found.on.isoformat(), said=found.said)
    place = found.on.toordinal() * 2 + _HALVES.index(found.name)
    return _Session(place, on=found.on.isoformat(), said=found.name)


def _at(place: int) -> _Session:
    day, half = divmod(place, 2)
    return _Session(place, on=date.fromordinal(day).isoformat(), said=_HALVES[half])


def _statutory(code: SchoolCode | None) -> str:
    """The statutory code that one of a school's stands for; empty where it stands for none."""
    told = "" if code is None else code.statutory.upper()
    return told if told in CODES else ""


def _set_aside(external_id: str, session: _Session, code: SchoolCode | None, reason: str) -> SetAside:
    return SetAside(
        external_id=external_id,
        reason=reason,
        on=session.on,
        session=session.said,
        code="" if code is None else code.said,
    )


def _weight(code: str) -> tuple[bool, int, str]:
    return code == FOR_THE_TIME_BEING, _GRAVITY.index(class_of(code)), code
