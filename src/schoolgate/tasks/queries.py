"""Reads scheduled tasks: their schedules, the counts beside each base, the tasks of what is ticked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import msgspec
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from schoolgate.accounts.scopes import Scope
from schoolgate.bases.queries import by_name
from schoolgate.tasks.closures import closures
from schoolgate.tasks.cohorts import Cohort
from schoolgate.tasks.models import Blackout, Membership, ScheduledTask
from schoolgate.tasks.schedule_words import in_words
from schoolgate.tasks.schedules import Schedule, Spread, due_days, next_due, spread_for
from schoolgate.tasks.states import MembershipState


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
        repeat_minutes=task.repeat_minutes,
        repeat_until=task.repeat_until,
        window_minutes=task.window_minutes,
    )


def cohort_of(task: ScheduledTask) -> Cohort:
    """For whom a task collects, as a plain value."""
    return Cohort(
        nc_years=tuple(task.nc_years),
        is_looked_after_only=task.is_looked_after_only,
        is_leavers=task.is_leavers,
        leaver_months=task.leaver_months,
        is_historic_send_left_out=task.is_historic_send_left_out,
    )


def spread_of(member: Membership) -> Spread | None:
    """A base's place in its task's random window; ``None`` without a window."""
    return spread_for(
        task_id=member.task_id, base_id=member.base_id, window_minutes=member.task.window_minutes
    )


def schedule_in_words(task: ScheduledTask, *, now: datetime, today: date) -> str:
    """The task's schedule as a sentence, with its next occurrence."""
    schedule = schedule_of(task)
    return in_words(schedule, first_at=next_due(schedule, now), today=today)


def scheduled(scope: Scope) -> QuerySet[ScheduledTask]:
    """The tasks that collect at least one base inside a scope."""
    found = ScheduledTask.objects.all()
    if not scope.is_limited:
        return found
    return found.filter(Exists(scope.narrow(Membership.objects.filter(task_id=OuterRef("pk")))))


def reaching_beyond(scope: Scope, task_ids: Collection[int]) -> frozenset[int]:
    """Those of some tasks that also collect a base outside a scope, or none at all."""
    if not scope.is_limited:
        return frozenset()
    members = Membership.objects.filter(task_id__in=task_ids)
    inside = scope.narrow(members).values_list("task_id", flat=True)
    outside = members.exclude(base_id__in=scope.base_ids or ()).values_list("task_id", flat=True)
    return frozenset(outside) | (frozenset(task_ids) - frozenset(inside))


def counts_by_base(scope: Scope, base_ids: Collection[int] | None = None) -> dict[int, TaskCounts]:
    """How many tasks of each base are Queued and Pending; a base without tasks is left out."""
    found = scope.narrow(Membership.objects.all())
    if base_ids is not None:
        found = found.filter(base_id__in=base_ids)
    counted = found.values("base_id").annotate(
        queued=Count("pk", filter=Q(pending_reason="", next_due_at__isnull=False)), tasks=Count("pk")
    )
    return {
        row["base_id"]: TaskCounts(queued=row["queued"], pending=row["tasks"] - row["queued"])
        for row in counted
    }


def by_base_and_task() -> tuple[str | Lower, ...]:
    """How every list of tasks at bases is ordered: by base, and there by task."""
    *base, row = by_name("base")
    return (*base, Lower("task__name"), row)


def memberships(
    scope: Scope, *, base_ids: Collection[int] | None = None, task_ids: Collection[int] | None = None
) -> QuerySet[Membership]:
    """The tasks at each base, by base and task name; rows come with both."""
    found = scope.narrow(Membership.objects.select_related("task", "base").order_by(*by_base_and_task()))
    if base_ids is not None:
        found = found.filter(base_id__in=base_ids)
    return found if task_ids is None else found.filter(task_id__in=task_ids)


def coming_up(scope: Scope, *, now: datetime, limit: int) -> list[dict[str, Any]]:
    """The next occurrences by task: a group of bases that is due together is one row, with how many."""
    planned = scope.narrow(Membership.objects.filter(pending_reason="", next_due_at__gt=now))
    found = planned.values("task_id", "task__name", "task__data_type", "next_due_at").annotate(
        bases=Count("pk"), base_name=Min("base__name")
    )
    return [{**row} for row in found.order_by("next_due_at", Lower("task__name"), "task_id")[:limit]]


def is_queued(member: Membership) -> bool:
    """The seed's Queued tick: the next occurrence is planned."""
    return member.next_due_at is not None and not member.pending_reason


def next_due_anywhere() -> datetime | None:
    """When the planner next has something to plan."""
    found: datetime | None = Membership.objects.filter(pending_reason="").aggregate(at=Min("next_due_at"))[
        "at"
    ]
    return found


class ComingUp(msgspec.Struct, frozen=True, kw_only=True):
    """When a task is due at a base; ``holiday`` names the blackout dates for which it is skipped."""

    due_at: datetime
    holiday: str = ""


def holidays(
    scope: Scope, base_ids: Collection[int], *, from_on: date, until_on: date
) -> dict[tuple[int, date], str]:
    """By base and day: the blackout for which something that would have been due is skipped.

    For the squares of a board: a day on which nothing would have been due is no holiday.
    """
    base_ids = scope.within(base_ids)
    closed = closures(base_ids, from_on=from_on, until_on=until_on)
    if not closed:
        return {}
    found: dict[tuple[int, date], str] = {}
    members = Membership.objects.filter(
        base_id__in=base_ids, task__is_active=True, state=MembershipState.ACTIVE.value
    ).select_related("task")
    days_of: dict[Schedule, list[date]] = {}
    for member in members:
        schedule = schedule_of(member.task)
        if schedule not in days_of:
            days_of[schedule] = list(due_days(schedule, from_on=from_on, until_on=until_on))
        for day in days_of[schedule]:
            name = closed.name_on(member.base_id, day)
            if name:
                found[member.base_id, day] = name
    return found


def blackouts(scope: Scope, *, base_id: int | None = None, from_on: date | None = None) -> QuerySet[Blackout]:
    """Blackout dates in order: the whole authority's, which bear on every base, and those of a scope's bases.

    With a base those that bear on it; ``from_on`` leaves out what is past.
    """
    found = Blackout.objects.select_related("base").order_by("from_on", "id")
    if scope.is_limited:
        found = found.filter(Q(base_id__in=scope.base_ids or ()) | Q(base__isnull=True))
    if base_id is not None:
        found = found.filter(Q(base_id=base_id) | Q(base__isnull=True))
    return found if from_on is None else found.filter(until_on__gt=from_on)
