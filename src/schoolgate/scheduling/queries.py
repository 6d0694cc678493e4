"""How the scheduler service is: when it last planned, which workers live, how far behind it is."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from schoolgate.runs import engine
from schoolgate.scheduling.models import Clockwork
from schoolgate.scheduling.rescue import SILENT_SECONDS
from schoolgate.scheduling.statements import statement
from schoolgate.tasks.queries import next_due_anywhere

LATE = timedelta(minutes=1)
"""The planner comes round every five seconds; a minute without it is worth a look."""


class WorkerState(msgspec.Struct, frozen=True, kw_only=True):
    """One worker that was heard of lately."""

    id: int
    silent_seconds: float
    jobs: int


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the scheduler service is, with the sentence to show."""

    is_well: bool
    sentence: str
    planned_at: datetime | None
    workers: tuple[WorkerState, ...]
    lag_seconds: float


def live_workers() -> tuple[WorkerState, ...]:
    """The workers that say they live."""
    rows = (WorkerState(**row) for row in engine.ask(statement("workers")))
    return tuple(worker for worker in rows if worker.silent_seconds <= SILENT_SECONDS)


def health(*, now: datetime) -> Health:
    """Looks at the planner, the workers, and the oldest occurrence that is due and not planned."""
    clockwork = Clockwork.objects.filter(pk=1).first()
    planned_at = clockwork.ticked_at if clockwork is not None else None
    workers = live_workers()
    due_at = next_due_anywhere()
    lag = max((now - due_at).total_seconds(), 0.0) if due_at is not None else 0.0
    is_late = planned_at is None or now - planned_at > LATE or lag > LATE.total_seconds()
    return Health(
        is_well=bool(workers) and not is_late,
        sentence=_sentence(workers=len(workers), planned_at=planned_at, is_late=is_late),
        planned_at=planned_at,
        workers=workers,
        lag_seconds=lag,
    )


def _sentence(*, workers: int, planned_at: datetime | None, is_late: bool) -> str:
    if not workers:
        return "No worker is running; nothing will be collected until one is started."
    if planned_at is None:
        return "The scheduler service has not planned anything yet."
    if is_late:
        return "The scheduler service is behind its schedule."
    return f"The scheduler service is up to date, with {workers} {'worker' if workers == 1 else 'workers'}."
