"""How the scheduler service is: when it last planned, which workers live, how far behind it is; the queue."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import msgspec

from schoolgate.accounts.scopes import Scope
from schoolgate.maintenance.queries import partition_warnings
from schoolgate.runs.models import Run
from schoolgate.runs.progress import read_so_far
from schoolgate.runs.queries import queue_counts, unfinished
from schoolgate.runs.states import ACTIVE, Stage
from schoolgate.scheduling.models import Clockwork, WorkerProcess
from schoolgate.scheduling.rescue import SILENT_SECONDS
from schoolgate.tasks.queries import next_due_anywhere

LATE = timedelta(minutes=1)
"""The planner comes round every five seconds; a minute without it is worth a look."""


class WorkerState(msgspec.Struct, frozen=True, kw_only=True):
    """One worker process that was heard of lately."""

    name: str
    silent_seconds: float
    runs: int
    concurrency: int
    started_at: datetime

    @property
    def lives(self) -> bool:
        """Whether it said so within the last seconds."""
        return self.silent_seconds <= SILENT_SECONDS


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the scheduler service is, with the sentence to show."""

    is_well: bool
    sentence: str
    planned_at: datetime | None
    workers: tuple[WorkerState, ...]
    lag_seconds: float
    runs: dict[str, int]
    warnings: tuple[str, ...] = ()  # sentences on how the database is kept; none stops the service


def workers(*, now: datetime) -> tuple[WorkerState, ...]:
    """Every worker heard of within the hour, those that fell silent among them."""
    held = Counter(Run.objects.filter(stage__in=ACTIVE).values_list("worker", flat=True))
    return tuple(
        WorkerState(
            name=each.name,
            silent_seconds=max((now - each.seen_at).total_seconds(), 0.0),
            runs=held[each.name],
            concurrency=each.concurrency,
            started_at=each.started_at,
        )
        for each in WorkerProcess.objects.order_by("started_at", "name")
    )


def live_workers(*, now: datetime) -> tuple[WorkerState, ...]:
    """The workers that say they live."""
    return tuple(worker for worker in workers(now=now) if worker.lives)


def health(scope: Scope, *, now: datetime) -> Health:
    """Looks at the planner, the workers, and the oldest occurrence that is due and not planned.

    The clockwork is one for all bases, whoever asks; only the runs are counted in the scope alone.
    """
    clockwork = Clockwork.objects.filter(pk=1).first()
    planned_at = clockwork.ticked_at if clockwork is not None else None
    living = live_workers(now=now)
    due_at = next_due_anywhere()
    lag = max((now - due_at).total_seconds(), 0.0) if due_at is not None else 0.0
    is_late = planned_at is None or now - planned_at > LATE or lag > LATE.total_seconds()
    return Health(
        is_well=bool(living) and not is_late,
        sentence=_sentence(workers=len(living), planned_at=planned_at, is_late=is_late),
        planned_at=planned_at,
        workers=living,
        lag_seconds=lag,
        runs=queue_counts(scope),
        warnings=partition_warnings(now=now),
    )


def _sentence(*, workers: int, planned_at: datetime | None, is_late: bool) -> str:
    if not workers:
        return "No worker is running; nothing will be collected until one is started."
    if planned_at is None:
        return "The scheduler service has not planned anything yet."
    if is_late:
        return "The scheduler service is behind its schedule."
    return f"The scheduler service is up to date, with {workers} {'worker' if workers == 1 else 'workers'}."


class QueueRow(msgspec.Struct, frozen=True, kw_only=True):
    """One run of the queue. ``position`` counts those that have not begun, from 1; 0 is under way."""

    run_id: int
    base_id: int
    base_name: str
    task_id: int | None
    task_name: str
    data_type: str
    stage: str
    waits_for: str
    waits_until: datetime | None
    worker: str
    running_seconds: float | None
    planned_at: datetime
    late_seconds: float
    priority: int
    position: int
    is_cancel_wanted: bool
    pages: int
    pages_expected: int | None


def queue(scope: Scope, *, now: datetime, limit: int = 50, offset: int = 0) -> list[QueueRow]:
    """What is under way, longest first, and then what comes next, in the order it will go. Two queries.

    Places are counted among the runs of the scope.
    """
    under_way = list(unfinished(scope).filter(stage__in=ACTIVE).order_by("started_at", "id").defer("cohort"))
    shown = under_way[offset : offset + limit]
    start = max(offset - len(under_way), 0)
    left = limit - len(shown)
    coming = unfinished(scope).exclude(stage__in=ACTIVE).defer("cohort")[start : start + left] if left else []
    rows = [_row(run, position=0, now=now) for run in shown]
    return rows + [_row(run, position=start + place, now=now) for place, run in enumerate(coming, start=1)]


def _row(run: Run, *, position: int, now: datetime) -> QueueRow:
    is_active = run.stage in ACTIVE
    started_at = run.started_at if is_active else None
    waits_for, so_far = run.waits_for, read_so_far(run.progress)
    if run.stage == Stage.DUE.value:
        waits_for = "a free worker"
    return QueueRow(
        run_id=run.pk,
        base_id=run.base_id,
        base_name=run.base.name,
        task_id=run.task_id,
        task_name=run.task_name,
        data_type=run.data_type,
        stage=run.stage,
        waits_for="" if is_active else waits_for,
        waits_until=run.waits_until,
        worker=run.worker if is_active else "",
        running_seconds=(now - started_at).total_seconds() if started_at is not None else None,
        planned_at=run.planned_at,
        late_seconds=max((now - run.planned_at).total_seconds(), 0.0),
        priority=run.priority,
        position=position,
        is_cancel_wanted=run.is_cancel_wanted,
        pages=so_far.pages,
        pages_expected=so_far.pages_expected,
    )
