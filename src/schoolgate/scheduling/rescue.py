"""Finds work that nobody does any more, and sees that somebody does it.

A job whose worker fell silent goes back to the queue. A run without a job gets a new one. A run that
waits for another that has ended is woken. A run whose jobs crash again and again is ended, with a
sentence for the officer. The runs are the truth; the engine's rows only carry them out.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from procrastinate import sql
from procrastinate.exceptions import ConnectorException

from schoolgate.lib import clock
from schoolgate.runs import engine
from schoolgate.runs.actions import fail_run
from schoolgate.scheduling.statements import statement

log = logging.getLogger(__name__)

SILENT_SECONDS = 5.0
"""A worker says every second that it lives; one silent for longer than this is taken for dead."""
FORGOTTEN_SECONDS = 600.0
CRASHES_ALLOWED = 3
OWN_JOBS = ("scheduling.", "maintenance.")
"""Jobs that come round again by themselves; nobody waits for a lost one."""


def rescue(*, now: datetime) -> int:
    """Sees to everything above; answers how many jobs and runs had to be helped."""
    engine.ask(sql.queries["prune_stalled_workers"], seconds_since_heartbeat=FORGOTTEN_SECONDS)
    return retry_stalled_jobs(now=now) + requeue_lost_runs(now=now) + wake_waiting_runs()


def retry_stalled_jobs(*, now: datetime) -> int:
    """Puts jobs of silent workers back into the queue; our own ticks are simply over."""
    stalled = engine.ask(
        sql.queries["select_stalled_jobs_by_heartbeat"],
        seconds_since_heartbeat=SILENT_SECONDS,
        queue=None,
        task_name=None,
    )
    return sum(_retry(job["id"], is_own=job["task_name"].startswith(OWN_JOBS), now=now) for job in stalled)


def _retry(job_id: int, *, is_own: bool, now: datetime) -> bool:
    """Retries one job; it may have come to its end meanwhile, and then there is nothing to do."""
    try:
        with transaction.atomic():
            if is_own:
                engine.tell(sql.queries["finish_job"], job_id=job_id, status="failed", delete_job=True)
            else:
                engine.tell(
                    sql.queries["retry_job"],
                    job_id=job_id,
                    retry_at=clock.by_the_machine(now),
                    new_priority=None,
                    new_queue_name=None,
                    new_lock=None,
                )
    except ConnectorException:
        log.info("scheduling.job.already_ended job_id=%s", job_id)
        return False
    log.warning("scheduling.job.rescued job_id=%s", job_id)
    return True


def requeue_lost_runs(*, now: datetime) -> int:
    """Gives every run that should be carried out and has no job a new one, or ends it after three crashes."""
    lost = engine.ask(statement("runs_without_a_job"), now=now)
    crashed = _crashed([row["id"] for row in lost])
    for row in lost:
        if row["id"] in crashed:
            _give_up(row["id"], now=now)
        else:
            engine.enqueue(row["id"])
            log.warning("scheduling.run.requeued run_id=%s", row["id"])
    return len(lost)


def _crashed(run_ids: Collection[int]) -> set[int]:
    rows = engine.ask(statement("crashes_of_runs"), run_ids=list(run_ids)) if run_ids else []
    return {row["run_id"] for row in rows if row["crashes"] >= CRASHES_ALLOWED}


def _give_up(run_id: int, *, now: datetime) -> None:
    fail_run(
        run_id,
        attempt=None,
        code="run.crashed",
        sentence=f"The run stopped unexpectedly {CRASHES_ALLOWED} times.",
        remedy="Run it again; if it stops again, send the worker's log to those who keep Schoolgate running.",
        now=now,
    )
    log.error("scheduling.run.given_up run_id=%s", run_id)


def wake_waiting_runs() -> int:
    """Wakes the next run of every base whose runs wait for one that has ended."""
    rows = engine.ask(statement("bases_to_wake"))
    for row in rows:
        engine.wake_next(row["base_id"])
    return len(rows)
