"""Hands work to the job engine in the transaction that makes it necessary.

Inside a worker the engine's own connector talks to the database on connections of its own: a job
deferred there is seen, and may start, before the transaction it is about has committed. So jobs are
always deferred on Django's connection, whoever asks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from schoolgate.lib import clock

_CONNECTOR = DjangoConnector()
_JOBS = JobManager(_CONNECTOR)

QUEUE = "default"
"""Where runs wait."""
CLOCK_QUEUE = "clock"
"""Where the scheduler service's own turns wait: a place of its own, so that they never stand behind runs."""


def defer(job: str, *, priority: int = 0, not_before: datetime | None = None, **ids: int) -> int:
    """Queues the job of that name for the run or file the ids name; answers the engine's id.

    A higher priority goes first. It starts once the transaction has committed, never if it rolls back.
    """
    start_at = None if not_before is None else clock.by_the_machine(not_before)
    deferrer = configure_task(
        name=job, job_manager=_JOBS, queue=QUEUE, priority=priority, schedule_at=start_at
    )
    return deferrer.defer(**ids)


def ask(query: str, **arguments: Any) -> list[dict[str, Any]]:
    """Asks the engine's own tables, on Django's connection."""
    return _CONNECTOR.execute_query_all(query, **arguments)


def tell(query: str, **arguments: Any) -> None:
    """Changes the engine's own tables, in Django's transaction."""
    _CONNECTOR.execute_query(query, **arguments)
