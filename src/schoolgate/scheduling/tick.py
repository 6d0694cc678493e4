"""One turn of the scheduler service: plan what is due, rescue what is lost, now and then tidy up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from schoolgate.collecting.actions import prune_stage
from schoolgate.files.actions import withdraw_files
from schoolgate.importing.causes_gone import close_gone
from schoolgate.maintenance.actions import prune
from schoolgate.maintenance.jobs import RETAIN
from schoolgate.runs import engine
from schoolgate.scheduling.models import Clockwork
from schoolgate.scheduling.planner import plan_due
from schoolgate.scheduling.rescue import rescue
from schoolgate.tasks.actions import refresh_memberships

RESCUE_LOCK = 0x5347_0001
"""PostgreSQL's advisory lock for the parts of a turn that only one worker need do."""
REFRESH_EVERY = timedelta(minutes=1)
PRUNE_EVERY = timedelta(hours=1)
RETAIN_EVERY = timedelta(days=1)


def turn(*, now: datetime) -> None:
    """Takes one turn. Any number of workers may do so at once: each due run still starts once."""
    plan_due(now=now)
    with transaction.atomic():
        if not _is_ours():
            return
        rescue(now=now)
        _look_round(now=now)


def _is_ours() -> bool:
    """Whether no other worker is at it; the lock ends with the transaction, or with the worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [RESCUE_LOCK])
        (is_ours,) = cursor.fetchone()
    return bool(is_ours)


def _look_round(*, now: datetime) -> None:
    clockwork, _ = Clockwork.objects.get_or_create(pk=1)
    clockwork.ticked_at = now
    if clockwork.refreshed_at is None or now - clockwork.refreshed_at >= REFRESH_EVERY:
        refresh_memberships(now=now)
        close_gone(now=now)
        clockwork.refreshed_at = now
    if clockwork.pruned_at is None or now - clockwork.pruned_at >= PRUNE_EVERY:
        prune(now=now)
        prune_stage()
        withdraw_files(now=now)
        clockwork.pruned_at = now
    if clockwork.retained_at is None or now - clockwork.retained_at >= RETAIN_EVERY:
        engine.defer(RETAIN)
        clockwork.retained_at = now
    clockwork.save()
