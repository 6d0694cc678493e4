"""Where a pupil stands on a base's roll."""

from __future__ import annotations

CURRENT, LEAVER, FUTURE = "Current", "Leaver", "Future"


def is_on_roll(state: str) -> bool:
    """Whether the base has the pupil, or expects it."""
    return state in {CURRENT, FUTURE}
