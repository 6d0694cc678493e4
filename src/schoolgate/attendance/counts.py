"""Attendance counted from the strings, as the department's statistics count it.

Possible = attended + absent; attended = present + approved activity; absent = authorised +
unauthorised. D, Q, X and Y1 to Y7 are not possible attendances; Z, # and gaps are not counted.
The whole code decides, so that J1 is an authorised absence though J was an approved activity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

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


def count_part(marks: str, whole_codes: Iterable[str]) -> Statistics:
    """Count a piece of a string; ``whole_codes`` are the codes of its two-character marks.

    Made for counting a county. The two characters that nearly all marks are, and the gaps, are counted
    and taken out by the C library; what remains is looked at one by one. In PostgreSQL the same takes ten
    times as long, since there every character is looked at as text.
    """
    written = marks.encode().translate(None, _GAPS)
    rest = written.translate(None, _PRESENT)
    places = rest.translate(_PLACES)
    count = places.count
    found = {field: count(place) for field, place in _COUNTED_PLACES}
    found["present"] += len(written) - len(rest)
    for code in whole_codes:
        if code in RECLASSIFIED:
            for field, shift in zip(RECLASSIFIED[code], (-1, 1), strict=True):
                if field is not None:
                    found[field] += shift
    return Statistics(late=sum(map(rest.count, _LATE)), **found)


_FIELDS = {mark_class: field for field, mark_class in COUNTED}
_PRESENT = b"/\\"
_GAPS = (NO_MARK + CLOSURE).encode()
_COUNTED_PLACES = tuple((field, place) for place, (field, _) in enumerate(COUNTED))
_LATE = tuple(code.encode() for code in sorted(LATE))
_PLACES = bytes(
    next((place for place, (_, each) in enumerate(COUNTED) if class_of(chr(byte)) is each), len(COUNTED))
    for byte in range(256)
)
"""For every character, the place of its class in ``COUNTED``."""
RECLASSIFIED = {
    code: (_FIELDS.get(class_of(main_character(code))), _FIELDS.get(found.mark_class))
    for code, found in CODES.items()
    if len(code) > 1 and class_of(main_character(code)) is not found.mark_class
}
"""Whole codes that count otherwise than their main character alone: from which field to which."""
