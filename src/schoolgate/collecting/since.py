"""From when a source is asked for what changed: by its own clock, with an overlap, within its reach."""

from __future__ import annotations

from datetime import datetime, timedelta

from schoolgate.connectors.port import Source
from schoolgate.runs.clocks import TOLD_FROM
from schoolgate.runs.reasons import OVERCOME
from schoolgate.runs.rules import Problem


def asked_from(since_at: datetime, *, source: Source, read_at: datetime) -> datetime:
    """When the changes begin that are asked for, given "since" and when the run began to read, by our clock.

    The overlap grows by what the clocks differ. A source is never asked for more than it reaches back, by
    its own clock; where "since" itself lies beyond that, the run says so (see ``runs.rules.since``).
    """
    offset, habits = source.clock_offset, source.habits
    begins = since_at - timedelta(seconds=habits.overlap_seconds) - abs(offset)
    return max(begins, reach_of(source, read_at=read_at))


def reach_of(source: Source, *, read_at: datetime) -> datetime:
    """How far back the source answers, as its clock has it."""
    return read_at + source.clock_offset - timedelta(days=source.habits.reach_back_days)


def told_clocks(offset: timedelta) -> list[Problem]:
    """What the run tells of clocks that differ by more than a little; nothing is lost by it."""
    if abs(offset) < TOLD_FROM:
        return []
    minutes = round(abs(offset).total_seconds() / 60)
    side = "behind" if offset < timedelta() else "ahead of"
    return [
        Problem(
            kind=OVERCOME,
            code="source.clocks_differ",
            sentence=f"The clock of the source is {minutes} minutes {side} ours.",
            remedy="Check this server's clock first; if it is right, tell the supplier.",
            details={"seconds": round(offset.total_seconds())},
        )
    ]
