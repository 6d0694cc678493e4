"""How much of each source's limit is in use, as a small picture."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from schoolgate.collecting.models import SourceLimit, SourceTurn
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


def gauges(*, now: datetime) -> list[Gauge]:
    """How many of a second's calls are given out already, for every source that was called of late."""
    own = SourceLimit.objects.first()
    allowed = own.calls_per_second if own else min(_shipped())
    turns = SourceTurn.objects.filter(next_at__gt=now - timedelta(hours=1)).order_by("key")
    found: list[Gauge] = []
    for turn in turns:
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
