"""Lets go of what has outlived its time, a piece at a go."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import connection, transaction

from schoolgate.audit.models import Event
from schoolgate.holding.actions import forget_decided
from schoolgate.runs.models import RunException, TaskLogEntry

LOG_KEPT = timedelta(days=7 * 365 + 2)
EXCEPTIONS_KEPT = timedelta(days=365)
EVENTS_KEPT = timedelta(days=7 * 365 + 2)
DECISIONS_KEPT = timedelta(days=7 * 365 + 2)
JOBS_KEPT = timedelta(days=1)
CRASHES_KEPT = timedelta(days=30)
BATCH = 10_000


@transaction.atomic
def prune(*, now: datetime) -> int:
    """Deletes exceptions after a year; events, the task log and what was held after seven; ended sessions.

    The engine's finished jobs go after a day; its failed ones stay a month, for those who look into a crash.
    Answers how many rows went.
    """
    old = RunException.objects.filter(run__finished_at__lt=now - EXCEPTIONS_KEPT).values("pk")[:BATCH]
    exceptions, _ = RunException.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    rest = (_prune_log, _prune_events, _prune_sessions, _prune_jobs)
    decisions = forget_decided(closed_before=now - DECISIONS_KEPT, most=BATCH)
    return exceptions + decisions + sum(each(now=now) for each in rest)


def _prune_log(*, now: datetime) -> int:
    """The oldest first, along the log's own index."""
    outlived = TaskLogEntry.objects.filter(logged_at__lt=now - LOG_KEPT).order_by("logged_at", "pk")
    deleted, _ = TaskLogEntry.objects.filter(
        pk__in=list(outlived.values_list("pk", flat=True)[:BATCH])
    ).delete()
    return deleted


def _prune_events(*, now: datetime) -> int:
    """The audit refuses to be deleted from, except by a transaction that says it is maintenance."""
    outlived = Event.objects.filter(at__lt=now - EVENTS_KEPT)
    if not outlived.exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL schoolgate.maintenance = 'on'")
        deleted, _ = outlived.delete()
        cursor.execute("SET LOCAL schoolgate.maintenance = 'off'")
    return deleted


def _prune_sessions(*, now: datetime) -> int:
    """Nobody can go on with these; each sign-in leaves one."""
    ended = Session.objects.filter(expire_date__lt=now)
    deleted, _ = Session.objects.filter(pk__in=list(ended.values_list("pk", flat=True)[:BATCH])).delete()
    return deleted


def _prune_jobs(*, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs
            WHERE id IN (
                SELECT job.id
                FROM procrastinate_jobs AS job
                WHERE job.status IN ('succeeded', 'cancelled', 'aborted', 'failed')
                    AND NOT EXISTS (
                        SELECT FROM procrastinate_events AS event
                        WHERE event.job_id = job.id
                            AND event.at >= CASE
                                WHEN job.status = 'failed' THEN %(crashes)s ELSE %(jobs)s
                            END
                    )
                LIMIT %(batch)s
            )
            """,
            {"crashes": now - CRASHES_KEPT, "jobs": now - JOBS_KEPT, "batch": BATCH},
        )
        return int(cursor.rowcount)
