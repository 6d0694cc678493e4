"""The only way a page gets the queue and the health of the scheduler service for a person."""

from __future__ import annotations

from datetime import datetime

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.accounts.scopes import scope_of
from schoolgate.runs.queries import queue_counts
from schoolgate.scheduling import queries
from schoolgate.scheduling.queries import Health, QueueRow, WorkerState

__all__ = ["Health", "QueueRow", "WorkerState", "health_for", "queue_counts_for", "queue_for", "workers_for"]


def queue_for(user: Person, *, now: datetime, limit: int) -> list[QueueRow]:
    """What is under way at this person's bases, and what comes next, in the order it will go."""
    return queries.queue(scope_of(user, Right.RUNS_VIEW), now=now, limit=limit)


def queue_counts_for(user: Person) -> dict[str, int]:
    """How many runs of this person's bases are due, waiting, collecting and landing."""
    return queue_counts(scope_of(user, Right.RUNS_VIEW))


def health_for(user: Person, *, now: datetime) -> Health | None:
    """How the scheduler service is, which is one for all bases; the runs are those of this person's."""
    scope = scope_of(user, Right.RUNS_VIEW)
    return queries.health(scope, now=now) if may(user, Right.RUNS_VIEW) else None


def workers_for(user: Person, *, now: datetime) -> tuple[WorkerState, ...]:
    """The workers heard of within the hour. What each has to do is the machine's, not a school's."""
    return queries.workers(now=now) if may(user, Right.RUNS_VIEW) else ()
