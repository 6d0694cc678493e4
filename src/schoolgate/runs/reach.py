"""How far back a run's source answers for what changed: its own fact, from its connector's settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from schoolgate.connectors import registry
from schoolgate.connectors.registry import NoConnectorError
from schoolgate.runs.models import Run

ReachOf = Callable[[Run], timedelta | None]
"""Answers for a run; ``None`` where nobody knows the source."""


def usual_reach(run: Run) -> timedelta | None:
    """As the connector of the base's MIS has it, whatever an administrator may have set."""
    try:
        return registry.reach_back(run.base.mis)
    except NoConnectorError:
        return None
