"""Which way of reading takes fewer calls: pupil by pupil, or everybody's rows."""

from __future__ import annotations

MARKS_IN_REACH = 120
"""A pupil's marks in three months: two on each of some sixty school days."""


def reads_marks_by_id(calls: int, *, on_roll: int, page_rows: int = 1000) -> bool:
    """Whether so many calls for single pupils' marks are fewer than reading all that the source reaches."""
    return calls < max(1, on_roll * MARKS_IN_REACH // page_rows)


def reads_by_id(pupils: int, *, on_roll: int, page_rows: int = 1000) -> bool:
    """Whether it takes fewer calls to read so many pupils one by one than their domain whole."""
    return pupils <= max(1, on_roll // page_rows)
