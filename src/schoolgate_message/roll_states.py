"""Where a pupil stands on a school's roll, and every question that is asked of it.

A source says *Current*, *Leaver* or *Future*. The server adds *Absent*: somebody who was on the roll and whom
a complete roll names no longer, without a leaving date. A link that no roll has told of yet has no state, and
counts as Current. Whoever wants to know more than the word asks here, so that a word means one thing.
"""

from __future__ import annotations

CURRENT, LEAVER, FUTURE = "Current", "Leaver", "Future"
ABSENT = "Absent"
UNTOLD = ""

SENT = (CURRENT, LEAVER, FUTURE)
"""What a message may say; the first is meant where nothing is said."""
ATTENDING = (CURRENT, UNTOLD)
"""Who is at the school now."""
MAY_ATTEND = (CURRENT, UNTOLD, ABSENT)
"""Who may be at the school now: whom a roll merely doesn't name, nobody has said to have left."""
ON_ROLL = (CURRENT, FUTURE, UNTOLD)
"""Who is at the school, or is expected there."""


def attends(state: str) -> bool:
    """Whether the pupil is at the school now, so that the school speaks for the pupil."""
    return state in ATTENDING


def may_attend(state: str) -> bool:
    """Whether the pupil is at the school now as far as anybody has said: who is absent has not left."""
    return state in MAY_ATTEND


def is_on_roll(state: str) -> bool:
    """Whether the school counts the pupil as its own, now or soon."""
    return state in ON_ROLL


def has_left(state: str) -> bool:
    """Whether the school says that the pupil has gone; whom a roll merely doesn't name has not."""
    return state == LEAVER


def begins_to_attend(state: str, *, before: str) -> bool:
    """Whether somebody who was not at the school, as it last told, is there now."""
    return attends(state) and not attends(before)


def has_come(state: str, *, before: str) -> bool:
    """Whether somebody who had gone, was missing or was expected is there now, or is expected again.

    Of such a pupil the source lists rows that are older than any "changed since" and were never sent, and
    what was left alone meanwhile is wanted again.
    """
    return (is_on_roll(state) and not is_on_roll(before)) or (attends(state) and before == FUTURE)
