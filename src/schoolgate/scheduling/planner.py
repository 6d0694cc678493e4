"""Turns what is due into runs: exactly once, with any number of planners, missed ones once.

The memberships that are due are taken with ``FOR UPDATE SKIP LOCKED``: what one planner holds, another
passes over. The run, the next occurrence and the job are written in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from schoolgate.lib.clock import london_day
from schoolgate.runs import engine
from schoolgate.runs.actions import plan_run
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin, Stage
from schoolgate.tasks.closures import closures
from schoolgate.tasks.memberships import put_on
from schoolgate.tasks.models import Membership
from schoolgate.tasks.queries import cohort_of

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
    if not due:
        return 0, 0
    closed = closures({member.base_id for member in due}, from_on=london_day(now - timedelta(days=2)))
    waiting = _not_begun(due)
    planned = sum(_plan(member, is_waiting=_key(member) in waiting, now=now) for member in due)
    for member in due:
        put_on(member, now=now, closed=closed)
    Membership.objects.bulk_update(due, ["next_due_at", "pending_reason"])
    return len(due), planned


def _plan(member: Membership, *, is_waiting: bool, now: datetime) -> bool:
    """Plans one occurrence, unless the one before it has not begun: that one will do the work of both."""
    due_at = member.next_due_at
    if due_at is None or is_waiting:
        return False
    run = plan_run(
        base_id=member.base_id,
        task_id=member.task_id,
        origin=Origin.TASK,
        data_type=member.task.data_type,
        cohort=cohort_of(member.task),
        planned_at=due_at,
        now=now,
    )
    engine.enqueue(run.pk)
    return True


def _key(member: Membership) -> tuple[int, int]:
    return (member.task_id, member.base_id)


def _not_begun(members: Iterable[Membership]) -> set[tuple[int, int]]:
    """The tasks and bases of which an occurrence is planned and has not begun."""
    earlier = Run.objects.filter(
        origin=Origin.TASK.value,
        stage__in=NOT_BEGUN,
        task_id__in={member.task_id for member in members},
    )
    return {(run.task_id or 0, run.base_id) for run in earlier.only("task_id", "base_id")}
