"""Attendance counted from the strings, as the department's statistics count it.

Possible = attended + absent; attended = present + approved activity; absent = authorised +
unauthorised. D, Q, X and Y1 to Y7 are not possible attendances; Z, # and gaps are not counted.
The whole code decides, so that J1 is an authorised absence though J was an approved activity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from operator import add, sub

import msgspec

from schoolgate.attendance.rules import CLOSURE, NO_MARK, SESSIONS, days_between, place_of, session_key
from schoolgate.codes.attendance import CODES, LATE, MarkClass, class_of, main_character


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of school sessions (half days); ``late`` are those present or absent as late, L and U."""

    present: int = 0
    approved_activity: int = 0
    authorised: int = 0
    unauthorised: int = 0
    not_possible: int = 0
    late: int = 0

    def __add__(self, other: Statistics) -> Statistics:
        """Both together, for a pupil with more than one string in the time counted."""
        return Statistics(
            **{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        )

    @property
    def attended(self) -> int:
        """Sessions that count as attended."""
        return self.present + self.approved_activity

    @property
    def possible(self) -> int:
        """Sessions the pupil could have attended."""
        return self.attended + self.authorised + self.unauthorised

    @property
    def rate(self) -> float | None:
        """Attended as a share of possible; ``None`` where nothing was possible."""
        return self.attended / self.possible if self.possible else None


COUNTED = (
    ("present", MarkClass.PRESENT),
    ("approved_activity", MarkClass.APPROVED_ACTIVITY),
    ("authorised", MarkClass.AUTHORISED_ABSENCE),
    ("unauthorised", MarkClass.UNAUTHORISED_ABSENCE),
    ("not_possible", MarkClass.NOT_POSSIBLE),
)
"""Field of Statistics and the class of mark it counts."""


def count_marks(
    marks: str, *, start_date: date, whole_codes: Mapping[str, str], from_on: date, until_on: date
) -> Statistics:
    """Count one string from ``from_on`` up to, and without, ``until_on``."""
    classes: Counter[MarkClass] = Counter()
    late = 0
    for day in days_between(from_on, until_on):
        for half, session in enumerate(SESSIONS):
            place = place_of(day, session, start_date=start_date)
            character = marks[place] if 0 <= place < len(marks) else NO_MARK
            code = whole_codes.get(session_key(day.isoformat(), half), character)
            classes[class_of(code)] += 1
            late += code in LATE
    return Statistics(late=late, **{field: classes[mark_class] for field, mark_class in COUNTED})


def count_parts(parts: Sequence[str], whole_codes: Mapping[int, Iterable[str]]) -> list[Statistics]:
    """Count a part of each of many strings; by their numbers, the codes of their two-character marks.

    Made for counting a county. The parts become one text, from which the C library takes all characters but
    those of one class, so that the lengths of what is left of each are the counts. In PostgreSQL the same
    takes ten times as long, since there every character is looked at as text.
    """
    if not parts:
        return []
    unusual = _BREAK.join(map(str.encode, parts)).translate(None, _USUAL)
    usual = map(sub, map(len, parts), map(len, unusual.split(_BREAK)))
    rest = unusual.translate(None, _GAPS)
    columns = [list(map(len, rest.translate(None, others).split(_BREAK))) for others in _OTHERS]
    columns[0] = list(map(add, usual, columns[0]))
    for number, codes in whole_codes.items():
        for code in codes:
            for place, shift in _SHIFTS.get(code, ()):
                columns[place][number] += shift
    return [
        Statistics(
            present=present,
            approved_activity=activity,
            authorised=authorised,
            unauthorised=unauthorised,
            not_possible=not_possible,
            late=late,
        )
        for present, activity, authorised, unauthorised, not_possible, late in zip(*columns, strict=True)
    ]


def _all_but(characters: Iterable[str]) -> bytes:
    """Every byte that is neither one of these characters nor the break between strings."""
    kept = "".join(characters).encode() + _BREAK
    return bytes(byte for byte in range(256) if byte not in kept)


_FIELDS = {mark_class: field for field, mark_class in COUNTED}
_BREAK = b"\n"
_USUAL = b"/\\"
"""What nearly all marks are: present."""
_GAPS = (NO_MARK + CLOSURE).encode()
_OTHERS = (
    *(_all_but(code for code in CODES if len(code) == 1 and class_of(code) is each) for _, each in COUNTED),
    _all_but(LATE),
)
"""What to take out so that marks of one class are left, in the order of ``COUNTED``; then the late ones."""
RECLASSIFIED = {
    code: (_FIELDS.get(class_of(main_character(code))), _FIELDS.get(found.mark_class))
    for code, found in CODES.items()
    if len(code) > 1 and class_of(main_character(code)) is not found.mark_class
}
"""Whole codes that count otherwise than their main character alone: from which field to which."""
_PLACES = {field: place for place, (field, _) in enumerate(COUNTED)}
_SHIFTS = {
    code: tuple((_PLACES[field], shift) for field, shift in zip(fields, (-1, 1), strict=True) if field)
    for code, fields in RECLASSIFIED.items()
}
"""The same by the places of the columns: one less there, one more here."""
