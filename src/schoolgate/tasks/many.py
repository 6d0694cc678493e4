"""Changes or deletes many tasks at once; what can't be is said task by task, and the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, time

import msgspec
from django.db import transaction
from msgspec import UNSET, UnsetType

from schoolgate.audit.actions import record_event
from schoolgate.tasks.actions import change_owner, edit_task
from schoolgate.tasks.models import ScheduledTask
from schoolgate.tasks.queries import cohort_of, schedule_of
from schoolgate.tasks.refusals import RefusedError


class TaskChanges(msgspec.Struct, frozen=True, kw_only=True):
    """What to change at every ticked task; what is unset stays as each task has it."""

    is_active: bool | UnsetType = UNSET
    owner: str | UnsetType = UNSET
    nc_years: tuple[str, ...] | UnsetType = UNSET
    is_looked_after_only: bool | UnsetType = UNSET
    is_historic_send_left_out: bool | UnsetType = UNSET
    start_time: time | UnsetType = UNSET
    weekdays: tuple[int, ...] | UnsetType = UNSET
    expires_on: date | UnsetType | None = UNSET
    repeat_minutes: int | UnsetType | None = UNSET
    repeat_until: time | UnsetType | None = UNSET
    window_minutes: int | UnsetType = UNSET


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A task that was left as it is, and why."""

    task_id: int
    name: str
    sentence: str
    remedy: str


class ManyOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks were changed and which were not."""

    changed: tuple[int, ...]
    refused: tuple[Refused, ...]


_COHORT = ("nc_years", "is_looked_after_only", "is_historic_send_left_out")
_SCHEDULE = ("start_time", "weekdays", "expires_on", "repeat_minutes", "repeat_until", "window_minutes")


@transaction.atomic
def edit_many(
    task_ids: Collection[int], *, changes: TaskChanges, by: int | None, now: datetime
) -> ManyOutcome:
    """Makes the same changes to every task. A locked one, or one they don't fit, stays as it is."""

    def edit(task: ScheduledTask) -> None:
        _edit(task, changes, by=by, now=now)

    return _each(task_ids, edit)


def _edit(task: ScheduledTask, changes: TaskChanges, *, by: int | None, now: datetime) -> None:
    if isinstance(changes.owner, str) and changes.owner != task.owner:
        change_owner(task.pk, owner=changes.owner, by=by, now=now)
    edit_task(
        task.pk,
        name=task.name,
        data_type=task.data_type,
        schedule=msgspec.structs.replace(schedule_of(task), **_set(changes, _SCHEDULE)),
        cohort=msgspec.structs.replace(cohort_of(task), **_set(changes, _COHORT)),
        is_active=task.is_active if changes.is_active is UNSET else bool(changes.is_active),
        by=by,
        now=now,
    )


def _set(changes: TaskChanges, names: tuple[str, ...]) -> dict[str, object]:
    return {name: getattr(changes, name) for name in names if getattr(changes, name) is not UNSET}


@transaction.atomic
def delete_inactive(task_ids: Collection[int], *, by: int | None, now: datetime) -> ManyOutcome:
    """Deletes tasks that are not active; their runs and the task log stay. An active one is refused."""

    def delete(task: ScheduledTask) -> None:
        _delete(task, by=by, now=now)

    return _each(task_ids, delete)


def _delete(task: ScheduledTask, *, by: int | None, now: datetime) -> None:
    if task.is_active:
        raise RefusedError(
            "tasks.delete_active", "The task is active.", "Make it inactive first, then delete it."
        )
    if task.is_locked or task.memberships.filter(base__is_locked=True).exists():
        raise RefusedError(
            "tasks.task_locked",
            "The school has locked this task to school use only.",
            "Ask the school to delete it, or to lift the lock.",
        )
    details = {"name": task.name, "data_type": task.data_type}
    record_event("tasks.task.deleted", now=now, user_id=by, subject_id=task.pk, details=details)
    task.delete()


def _each(task_ids: Collection[int], act: Callable[[ScheduledTask], None]) -> ManyOutcome:
    """Acts on every task in a part of the transaction of its own."""
    changed: list[int] = []
    refused: list[Refused] = []
    for task in ScheduledTask.objects.select_for_update().filter(pk__in=task_ids).order_by("pk"):
        task_id = task.pk
        try:
            with transaction.atomic():
                act(task)
        except RefusedError as refusal:
            refused.append(
                Refused(task_id=task_id, name=task.name, sentence=refusal.sentence, remedy=refusal.remedy)
            )
        else:
            changed.append(task_id)
    return ManyOutcome(changed=tuple(changed), refused=tuple(refused))
