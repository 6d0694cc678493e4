"""Attendance codes of England: what each means, how it counts, and since when.

Source: regulation 10 of The School Attendance (Pupil Registration) (England) Regulations 2024
(SI 2024/208) and the guidance "Working together to improve school attendance", from 19 August 2024;
before that day, the department's attendance codes as restated in the Common Basic Data Set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType

from schoolgate.codes.registry import read_code, rows_of
from schoolgate.codes.sets import Code, Confidence

PUBLICATION = "The School Attendance (Pupil Registration) (England) Regulations 2024, regulation 10"
LATE = frozenset({"L", "U"})
"""Late before and after the register closed."""


class MarkClass(Enum):
    """How the department's statistics count a mark."""

    PRESENT = "present"
    APPROVED_ACTIVITY = "approved activity"
    AUTHORISED_ABSENCE = "authorised absence"
    UNAUTHORISED_ABSENCE = "unauthorised absence"
    NOT_POSSIBLE = "not possible"
    NOT_COUNTED = "not counted"

    @property
    def is_attended(self) -> bool:
        """Whether it counts as attendance."""
        return self in {MarkClass.PRESENT, MarkClass.APPROVED_ACTIVITY}

    @property
    def is_possible(self) -> bool:
        """Whether it counts as a possible attendance, that is as attendance or absence."""
        return self not in {MarkClass.NOT_POSSIBLE, MarkClass.NOT_COUNTED}


@dataclass(frozen=True, slots=True)
class AttendanceCode:
    """A code with its class. A withdrawn code that schools still send ``is_still_taken``."""

    entry: Code
    mark_class: MarkClass
    is_still_taken: bool

    def is_known(self, on: date) -> bool:
        """Whether a mark of that day may have this code."""
        if self.entry.valid_from is not None and on < self.entry.valid_from:
            return False
        return self.is_still_taken or self.entry.valid_until is None or on < self.entry.valid_until


def _read() -> MappingProxyType[str, AttendanceCode]:
    return MappingProxyType(
        {
            row["code"]: AttendanceCode(
                read_code(row, Confidence.OFFICIAL), MarkClass(row["class"]), "still taken" in row["status"]
            )
            for row in rows_of("attendance")
        }
    )


CODES = _read()
"""Every attendance code, present and withdrawn, by the whole code."""


def known(code: str, on: date) -> bool:
    """Whether this whole code may stand for a mark of that day.

    Withdrawn codes that schools went on sending after August 2024 (H, J, Y) are taken, as they were.
    """
    found = CODES.get(code)
    return found is not None and found.is_known(on)


def main_character(code: str) -> str:
    """The one character that stands for a code in a string of marks: C1 and C2 are C, J1 is J, Y1 to Y7 Y."""
    return code[:1]


def class_of(code: str, on: date | None = None) -> MarkClass:
    """How a mark counts; a code not known, or not on that day, is not counted."""
    found = CODES.get(code)
    if found is None or (on is not None and not found.is_known(on)):
        return MarkClass.NOT_COUNTED
    return found.mark_class


def is_possible(code: str, on: date | None = None) -> bool:
    """Whether a mark is a possible attendance."""
    return class_of(code, on).is_possible


def is_attended(code: str, on: date | None = None) -> bool:
    """Whether a mark counts as attended."""
    return class_of(code, on).is_attended


def label(code: str) -> str:
    """The words for a code; the code itself where none is known."""
    found = CODES.get(code)
    return code if found is None else found.entry.label
