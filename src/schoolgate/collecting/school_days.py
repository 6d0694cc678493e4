"""Finds the day of every school session that marks refer to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from schoolgate.connectors.port import SchoolSession, Source

MOST_WINDOWS = 12
"""How many windows back a school session is looked for: marks of nearly three years."""
MOST_WINDOWS_AHEAD = 4
"""How many windows ahead: absences entered up to a year before they happen."""


def school_days(
    source: Source, wanted: Collection[str], *, read_at: datetime, window_days: int
) -> dict[str, SchoolSession]:
    """The day of every school session wanted, read in windows backwards from a week ahead of ``read_at``.

    What is still missing then lies further ahead: schools enter known absences before they happen. A session
    that no window has is not among those answered.
    """
    found: dict[str, SchoolSession] = {}
    width = timedelta(days=window_days)
    start = read_at.astimezone(UTC) + timedelta(days=7)
    start = start.replace(hour=0, minute=0, second=0, microsecond=0)
    steps = [-(number + 1) for number in range(MOST_WINDOWS)] + list(range(MOST_WINDOWS_AHEAD))
    missing = set(wanted) - {""}
    for step in steps:
        if not missing:
            return found
        begin = start + step * width
        window = source.sessions(begin, begin + width)
        found |= {key: session for key, session in window.items() if key in missing}
        missing -= found.keys()
    return found
