"""Changing marks after the fact, with the log kept of what they were."""

from __future__ import annotations

from datetime import date

from schoolgate_sandbox import terms
from schoolgate_sandbox.marks import statutory
from schoolgate_sandbox.people import Pupil
from schoolgate_sandbox.store import Roll, World

MARKS_DOMAIN = "AttendanceRecords"


def mark_name(place: int) -> str:
    """Name a mark in the log: its day and AM or PM."""
    return f"{date.fromordinal(place >> 1).isoformat()} {terms.SESSIONS[place & 1]}"


def change_mark(world: World, roll: Roll, pupil: Pupil, place: int, byte: int) -> bool:
    """Enter, correct or (with 0) delete a mark; tells whether anything changed."""
    old = roll.book.get(pupil, place)
    if old == byte:
        return False
    at = world.clock.stamp()
    was_visible = roll.book.entered_at(pupil, place) >= roll.tracked_from
    roll.book.put(pupil, place, byte, at=at)
    roll.version += 1
    # What lay before change tracking was never to be seen: the truth knows no old value of it.
    before = statutory(old) if old and was_visible else None
    after = statutory(byte) if byte else None
    if before != after:
        note_mark(world, pupil, place, before=before, after=after, at=at)
    return True


def note_mark(
    world: World, pupil: Pupil, place: int, *, before: str | None, after: str | None, at: float
) -> None:
    """Log a mark; a pupil's marks of one step are one entry."""
    world.log.note(
        pupil,
        MARKS_DOMAIN,
        "mark",
        items={mark_name(place): [before, after]},
        at=at,
        on=world.clock.today.isoformat(),
        row=None,
    )
