"""Reads scheduled tasks: their schedules, the counts beside each base, the tasks of what is ticked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

import msgspec
from django.db.models import Count, Min, Q, QuerySet

from schoolgate.tasks.models import Membership, ScheduledTask
from schoolgate.tasks.schedules import Schedule, in_words, next_due
from schoolgate.tasks.states import PendingReason


class TaskCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The seed's ``Queued : n | Pending : n`` of one base; the two add up to its tasks."""

    queued: int = 0
    pending: int = 0

    @property
    def tasks(self) -> int:
        """All tasks of the base."""
        return self.queued + self.pending


def schedule_of(task: ScheduledTask) -> Schedule:
    """A task's schedule as a plain value."""
    return Schedule(
        frequency=task.frequency,
        starts_on=task.starts_on,
        start_time=task.start_time,
        weekdays=tuple(task.weekdays),
        months=tuple(task.months),
        month_day=task.month_day,
        expires_on=task.expires_on,
    )


def schedule_in_words(task: ScheduledTask, *, now: datetime, today: date) -> str:
    """The task's schedule as a sentence, with its next occurrence."""
    schedule = schedule_of(task)
    return in_words(schedule, first_at=next_due(schedule, now), today=today)


def counts_by_base(base_ids: Collection[int] | None = None) -> dict[int, TaskCounts]:
    """How many tasks of each base are Queued and Pending; a base without tasks is left out."""
    found = Membership.objects.all() if base_ids is None else Membership.objects.filter(base_id__in=base_ids)
    counted = found.values("base_id").annotate(
        queued=Count("pk", filter=Q(pending_reason="", next_due_at__isnull=False)), tasks=Count("pk")
    )
    return {
        row["base_id"]: TaskCounts(queued=row["queued"], pending=row["tasks"] - row["queued"])
        for row in counted
    }


def memberships(
    *, base_ids: Collection[int] | None = None, task_id: int | None = None
) -> QuerySet[Membership]:
    """The tasks at each base, by base and task name; rows come with both."""
    found = Membership.objects.select_related("task", "base").order_by("base__name", "task__name", "pk")
    if base_ids is not None:
        found = found.filter(base_id__in=base_ids)
    return found if task_id is None else found.filter(task_id=task_id)


def is_queued(member: Membership) -> bool:
    """The seed's Queued tick: the next occurrence is planned."""
    return member.next_due_at is not None and not member.pending_reason


def reason_of(member: Membership) -> PendingReason | None:
    """Why a membership is Pending; ``None`` when it is Queued."""
    if is_queued(member):
        return None
    return PendingReason(member.pending_reason or PendingReason.NOT_PLANNED_YET.value)


def next_due_anywhere() -> datetime | None:
    """When the planner next has something to plan."""
    found: datetime | None = Membership.objects.filter(pending_reason="").aggregate(at=Min("next_due_at"))[
        "at"
    ]
    return found
