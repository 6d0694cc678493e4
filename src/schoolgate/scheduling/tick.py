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
TIDY_LOCK = 0x5347_0002
"""PostgreSQL's advisory locks for the two parts of a turn that only one worker need do.

Two, because who looks round and tidies up may stand still before somebody else's lock, and does so in the
database even when its worker has died: that must not keep the others from taking up what the dead one held.
"""
REFRESH_EVERY = timedelta(minutes=1)
PRUNE_EVERY = timedelta(hours=1)
RETAIN_EVERY = timedelta(days=1)


def turn(*, now: datetime) -> None:
    """Takes one turn. Any number of workers may do so at once: each due run still starts once."""
    plan_due(now=now)
    with transaction.atomic():
        if _is_ours(RESCUE_LOCK):
            rescue(now=now)
            Clockwork.objects.update_or_create(pk=1, defaults={"ticked_at": now})
    with transaction.atomic():
        if _is_ours(TIDY_LOCK):
            _look_round(now=now)


def _is_ours(lock: int) -> bool:
    """Whether no other worker is at it; the lock ends with the transaction, or with the worker."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        (is_ours,) = cursor.fetchone()
    return bool(is_ours)


def _look_round(*, now: datetime) -> None:
    clockwork, _ = Clockwork.objects.get_or_create(pk=1)
    done = []
    if clockwork.refreshed_at is None or now - clockwork.refreshed_at >= REFRESH_EVERY:
        refresh_memberships(now=now)
        close_gone(now=now)
        clockwork.refreshed_at = now
        done.append("refreshed_at")
    if clockwork.pruned_at is None or now - clockwork.pruned_at >= PRUNE_EVERY:
        prune(now=now)
        prune_stage()
        withdraw_files(now=now)
        clockwork.pruned_at = now
        done.append("pruned_at")
    if clockwork.retained_at is None or now - clockwork.retained_at >= RETAIN_EVERY:
        engine.defer(RETAIN)
        clockwork.retained_at = now
        done.append("retained_at")
    if done:
        clockwork.save(update_fields=done)
