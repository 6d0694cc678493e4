"""Turns what is due into runs: exactly once, with any number of planners, missed ones once.

The memberships that are due are taken with ``FOR UPDATE SKIP LOCKED``: what one planner holds, another
passes over. The run, the next occurrence and the job are written in one transaction.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from schoolgate.collecting.actions import enqueue_run
from schoolgate.runs.actions import plan_run
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin, Stage
from schoolgate.tasks.actions import advance
from schoolgate.tasks.models import Membership

BATCH = 100
NOT_BEGUN = (Stage.DUE.value, Stage.WAITING.value)


def plan_due(*, now: datetime) -> int:
    """Plans a run for every membership that is due and answers how many runs there are to do."""
    planned = 0
    while True:
        taken, runs = _plan_batch(now=now)
        planned += runs
        if taken < BATCH:
            return planned


@transaction.atomic
def _plan_batch(*, now: datetime) -> tuple[int, int]:
    due = list(
        Membership.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("task", "base")
        .filter(pending_reason="", next_due_at__lte=now)
        .order_by("next_due_at", "pk")[:BATCH]
    )
    return len(due), sum(_plan(member, now=now) for member in due)


def _plan(member: Membership, *, now: datetime) -> bool:
    """Plans one occurrence, unless the one before it has not begun: that one will do the work of both."""
    due_at = member.next_due_at
    advance(member, now=now)
    task = member.task
    if due_at is None or _has_not_begun(member):
        return False
    run = plan_run(
        base_id=member.base_id,
        task_id=task.pk,
        origin=Origin.TASK,
        data_type=task.data_type,
        nc_years=task.nc_years,
        planned_at=due_at,
        now=now,
    )
    enqueue_run(run.pk, priority=run.priority)
    return True


def _has_not_begun(member: Membership) -> bool:
    earlier = Run.objects.filter(base_id=member.base_id, task_id=member.task_id, origin=Origin.TASK.value)
    return earlier.filter(stage__in=NOT_BEGUN).exists()
