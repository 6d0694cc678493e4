"""How much of each source's limit is in use, as a small picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schoolgate.accounts.rights import Person
from schoolgate.collecting.access import calls_per_second_for, turns_for
from schoolgate.connectors.registry import CONNECTORS
from schoolgate.pages.charts import gauge


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """The use of one source's limit in the last second; ``paused_until`` when the source said to wait."""

    used: int
    allowed: str
    width: float
    paused_until: datetime | None = None


def _shipped() -> list[float]:
    """Calls a second over all bases of a MIS, where an administrator has not said otherwise."""
    return [each.habits({}).calls_per_second for each in CONNECTORS.values()]


def gauges(user: Person, *, now: datetime) -> list[Gauge]:
    """How many of a second's calls are given out already, for every source that was called of late."""
    allowed = calls_per_second_for(user) or min(_shipped())
    found: list[Gauge] = []
    for turn in turns_for(user, now=now):
        ahead = max((turn.next_at - now).total_seconds(), 0.0)
        used = min(ahead, 1.0) * allowed
        found.append(
            Gauge(
                used=round(used),
                allowed=f"{allowed:g}",
                width=gauge(used, limit=allowed),
                paused_until=turn.paused_until if turn.paused_until > now else None,
            )
        )
    return found
