"""Hands work to the job engine in the transaction that makes it necessary.

Inside a worker the engine's own connector talks to the database on connections of its own: a job
deferred there is seen, and may start, before the transaction it is about has committed. So jobs are
always deferred on Django's connection, whoever asks.

Which job carries out a stage of a run is told by the room that can: it says so where the job is defined,
and Django loads every room's ``jobs`` when it starts, in web servers and workers alike.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.db.models import Q
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from schoolgate.lib import clock
from schoolgate.runs.models import Run
from schoolgate.runs.queries import next_waiting
from schoolgate.runs.rules import stage_to_do
from schoolgate.runs.states import Stage

_CONNECTOR = DjangoConnector()
_JOBS = JobManager(_CONNECTOR)
_JOB_OF_STAGE: dict[Stage, str] = {}

QUEUE = "default"
"""Where runs wait."""
CLOCK_QUEUE = "clock"
"""Where the scheduler service's own turns wait: a place of its own, so that they never stand behind runs."""


class _Named(Protocol):
    name: str


Job = TypeVar("Job", bound=_Named)


def carries_out(stage: Stage) -> Callable[[Job], Job]:
    """Says of a job, which takes a ``run_id``, that it carries out this stage; refuses a second one."""

    def note(job: Job) -> Job:
        if _JOB_OF_STAGE.setdefault(stage, job.name) != job.name:
            raise ValueError(f"{stage.value} is carried out by {_JOB_OF_STAGE[stage]} already")
        return job

    return note


def job_of(stage: Stage) -> str:
    """The name of the job that carries out a stage."""
    return _JOB_OF_STAGE[stage]


def enqueue(run_id: int, *, not_before: datetime | None = None) -> None:
    """Gives a run to the job engine at the stage that is to do, with the run's own priority."""
    # Not the intake itself, which may be long.
    told = Run.objects.annotate(has_intake=Q(intake__isnull=False)).values_list("priority", "has_intake")
    priority, has_intake = told.get(pk=run_id)
    stage = stage_to_do(has_intake=has_intake)
    defer(job_of(stage), priority=priority, not_before=not_before, run_id=run_id)


def wake_next(base_id: int) -> None:
    """Enqueues the run of a base that waited for another one to end."""
    run_id = next_waiting(base_id)
    if run_id is not None:
        enqueue(run_id)


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
