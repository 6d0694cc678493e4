"""The only way a page gets scheduled tasks and blackout dates for a person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.accounts.scopes import scope_of
from schoolgate.tasks import queries
from schoolgate.tasks.closures import Closures, closures
from schoolgate.tasks.kinds import TransferType
from schoolgate.tasks.models import (
    Blackout,
    BlackoutKind,
    Frequency,
    Membership,
    Owner,
    ScheduledTask,
)
from schoolgate.tasks.queries import TaskCounts
from schoolgate.tasks.refusals import RefusedError

__all__ = [
    "Blackout",
    "BlackoutKind",
    "Frequency",
    "Membership",
    "Owner",
    "ScheduledTask",
    "TransferType",
    "blackouts_for",
    "check_bases_for",
    "check_reach_for",
    "closures_for",
    "coming_up_for",
    "counts_for",
    "holidays_for",
    "memberships_at_for",
    "memberships_for",
    "reaching_beyond_for",
    "task_for",
    "tasks_for",
]


def tasks_for(user: Person) -> QuerySet[ScheduledTask]:
    """The tasks this person may see: those that collect one of their bases."""
    return queries.scheduled(scope_of(user, Right.TASKS_VIEW))


def task_for(user: Person, task_id: int) -> ScheduledTask:
    """One task this person may see; anything else is not found."""
    found = tasks_for(user).filter(pk=task_id).first()
    if found is None:
        raise Http404
    return found


def memberships_for(
    user: Person, *, base_ids: Collection[int] | None = None, task_ids: Collection[int] | None = None
) -> QuerySet[Membership]:
    """The places of tasks at the bases this person may see; of some bases or tasks, or all."""
    scope = scope_of(user, Right.TASKS_VIEW)
    return queries.memberships(scope, base_ids=base_ids, task_ids=task_ids)


def memberships_at_for(user: Person, base_id: int) -> QuerySet[Membership]:
    """The active tasks of a base, for everybody who may see the base, soonest first."""
    found = queries.memberships(scope_of(user, Right.BASES_VIEW), base_ids=[base_id])
    return found.filter(task__is_active=True).order_by("next_due_at", Lower("task__name"))


def counts_for(user: Person, base_ids: Collection[int]) -> dict[int, TaskCounts]:
    """How many tasks of each of these bases are Queued and Pending."""
    return queries.counts_by_base(scope_of(user, Right.TASKS_VIEW), base_ids)


def coming_up_for(user: Person, *, now: datetime, limit: int) -> list[dict[str, Any]]:
    """The next occurrences at this person's bases, by task."""
    return queries.coming_up(scope_of(user, Right.TASKS_VIEW), now=now, limit=limit)


def holidays_for(
    user: Person, base_ids: Collection[int], *, from_on: date, until_on: date
) -> dict[tuple[int, date], str]:
    """By base and day: the blackout for which something that would have been due is skipped."""
    return queries.holidays(scope_of(user, Right.BASES_VIEW), base_ids, from_on=from_on, until_on=until_on)


def blackouts_for(
    user: Person, *, base_id: int | None = None, from_on: date | None = None
) -> QuerySet[Blackout]:
    """The blackout dates that bear on this person's bases, the whole authority's among them."""
    found = queries.blackouts(scope_of(user, Right.TASKS_VIEW), base_id=base_id, from_on=from_on)
    return found if may(user, Right.TASKS_VIEW) else found.none()


def closures_for(user: Person, base_ids: Collection[int], *, from_on: date) -> Closures:
    """The closed days of some of this person's bases, and the whole authority's. One query."""
    if not may(user, Right.TASKS_VIEW):
        return Closures([], {})
    return closures(scope_of(user, Right.TASKS_VIEW).within(base_ids), from_on=from_on)


def reaching_beyond_for(user: Person, task_ids: Collection[int]) -> frozenset[int]:
    """Those of some tasks that this person must leave as they are: they also collect others' bases."""
    return queries.reaching_beyond(scope_of(user, Right.TASKS_VIEW), task_ids)


def check_bases_for(user: Person, base_ids: Collection[int]) -> None:
    """Refuses (``RefusedError``) bases this person doesn't look after, as those that don't exist."""
    scope = scope_of(user, Right.TASKS_VIEW)
    if len(scope.within(base_ids)) != len(base_ids):
        raise RefusedError(
            "tasks.unknown_base", "One of these bases does not exist.", "Tick the bases again.", field="bases"
        )


def check_reach_for(user: Person, task_id: int) -> None:
    """Refuses (``RefusedError``) to change a task that also collects bases this person doesn't look after.

    Ask in the transaction that changes the task: until its end no other base joins. For a person without
    a limit it asks the database nothing.
    """
    scope = scope_of(user, Right.TASKS_VIEW)
    if not scope.is_limited:
        return
    task_for(user, task_id)
    ScheduledTask.objects.select_for_update().get(pk=task_id)
    if queries.reaching_beyond(scope, [task_id]):
        raise RefusedError(
            "tasks.beyond_your_bases",
            "This task also collects bases you don't look after, and a change would reach them too.",
            "Ask somebody who looks after all of its bases, or add a task for yours alone.",
        )
