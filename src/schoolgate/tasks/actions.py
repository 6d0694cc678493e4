"""Makes and changes scheduled tasks, and plans their next occurrence at each base."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, time
from typing import Any

import msgspec
from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.bases.models import Base
from schoolgate.tasks.cohorts import Cohort, check_cohort
from schoolgate.tasks.kinds import (
    EXPORT,
    check_kind_of_base,
    check_transfer,
    kind_for,
    membership_state,
    taking_part,
)
from schoolgate.tasks.memberships import advance, refresh_memberships
from schoolgate.tasks.models import Membership, Owner, ScheduledTask
from schoolgate.tasks.queries import cohort_of, schedule_of
from schoolgate.tasks.refusals import RefusedError
from schoolgate.tasks.rules import check_name, check_schedule
from schoolgate.tasks.schedules import Schedule
from schoolgate.tasks.states import MembershipState

__all__ = [
    "advance",
    "change_owner",
    "clone_task",
    "create_task",
    "edit_task",
    "join",
    "leave",
    "own_task",
    "put_fields",
    "refresh_memberships",
    "set_active",
    "set_locked",
]

LONGEST_NAME = 100


@transaction.atomic
def create_task(
    *,
    name: str,
    data_type: str,
    base_ids: Collection[int],
    schedule: Schedule,
    cohort: Cohort | None = None,
    nc_years: Iterable[str] = (),
    is_active: bool = True,
    owner: str = Owner.LA,
    kind: str = "",
    transfer_type: str = EXPORT,
    by: int | None,
    now: datetime,
) -> ScheduledTask:
    """Makes a task over one base or a group of bases and plans it.

    ``kind`` may wish for SIMS Primary before the bases have moved; left empty it follows from the
    bases. ``nc_years`` is short for a cohort of years alone. Refuses (``RefusedError``) bases of both
    kinds, locked bases, filters the data type does not take, and a schedule that never comes.
    """
    bases = _unlocked(base_ids)
    task = ScheduledTask(
        kind=kind_for(data_type, [base.mis for base in bases], wished=kind, transfer_type=transfer_type),
        owner=Owner(owner).value,
        created_at=now,
        created_by=by,
    )
    put_fields(
        task,
        name=name,
        transfer_type=transfer_type,
        data_type=data_type,
        cohort=cohort or Cohort(nc_years=tuple(nc_years)),
        is_active=is_active,
        schedule=schedule,
    )
    task.save()
    _take_in(task, bases, now=now)
    details = {"bases": len(bases), "task": _shown(task)}
    record_event("tasks.task.created", now=now, user_id=by, subject_id=task.pk, details=details)
    return task


def _take_in(task: ScheduledTask, bases: Iterable[Base], *, now: datetime) -> None:
    Membership.objects.bulk_create([Membership(task=task, base=base) for base in bases])
    refresh_memberships(task_ids=[task.pk], now=now)


def _unlocked(base_ids: Collection[int]) -> list[Base]:
    """The bases, unless one keeps its tasks for itself."""
    bases = list(Base.objects.filter(pk__in=base_ids).order_by("pk"))
    if len(bases) != len(set(base_ids)):
        raise RefusedError(
            "tasks.unknown_base", "One of these bases does not exist.", "Tick the bases again.", field="bases"
        )
    locked = next((base for base in bases if base.is_locked), None)
    if locked is not None:
        raise RefusedError(
            "tasks.base_locked",
            f"{locked.name} has locked its tasks to school use only.",
            "Ask the school to change its tasks, or to lift the lock.",
            field="bases",
        )
    return bases


def put_fields(
    task: ScheduledTask,
    *,
    name: str,
    transfer_type: str,
    data_type: str,
    cohort: Cohort,
    is_active: bool,
    schedule: Schedule,
) -> None:
    """Puts what an officer chose on a task, unsaved. Refuses what can't be (``RefusedError``)."""
    check_name(name)
    check_transfer(transfer_type, data_type=data_type)
    check_cohort(cohort, data_type=data_type)
    check_schedule(schedule)
    task.name = name.strip()[:LONGEST_NAME]
    task.transfer_type = transfer_type
    task.data_type = data_type
    task.is_active = is_active
    for chosen in (cohort, schedule):
        for field, value in msgspec.structs.asdict(chosen).items():
            setattr(task, field, list(value) if isinstance(value, tuple) else value)


def _shown(task: ScheduledTask) -> dict[str, Any]:
    """What the audit keeps of a task: every field an officer sets."""
    fields: dict[str, Any] = {
        **msgspec.structs.asdict(cohort_of(task)),
        **msgspec.structs.asdict(schedule_of(task)),
        "name": task.name,
        "transfer_type": task.transfer_type,
        "data_type": task.data_type,
        "is_active": task.is_active,
        "owner": task.owner,
        "is_locked": task.is_locked,
    }
    return {
        name: value.isoformat() if isinstance(value, date | time) else value for name, value in fields.items()
    }


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


@transaction.atomic
def edit_task(
    task_id: int,
    *,
    name: str,
    data_type: str,
    schedule: Schedule,
    cohort: Cohort | None = None,
    nc_years: Iterable[str] = (),
    is_active: bool = True,
    transfer_type: str = "",
    by: int | None,
    now: datetime,
) -> ScheduledTask:
    """Changes a task and plans it anew; an empty ``transfer_type`` stays as it is.

    Refuses a locked one, and a data type its bases can't do.
    """
    task = own_task(task_id)
    before = _shown(task)
    members = [(member.base.name, member.base.mis) for member in _members(task)]
    if members:
        kind_for(
            data_type,
            taking_part(members, task_kind=task.kind) or [task.kind],
            wished=task.kind,
            transfer_type=transfer_type or task.transfer_type,
        )
    put_fields(
        task,
        name=name,
        transfer_type=transfer_type or task.transfer_type,
        data_type=data_type,
        cohort=cohort or Cohort(nc_years=tuple(nc_years)),
        is_active=is_active,
        schedule=schedule,
    )
    task.save()
    refresh_memberships(task_ids=[task_id], now=now)
    details = {"changed": _differences(before, _shown(task))}
    record_event("tasks.task.edited", now=now, user_id=by, subject_id=task_id, details=details)
    return task


def own_task(task_id: int) -> ScheduledTask:
    """The task, locked for change, unless the school keeps it for itself."""
    task = ScheduledTask.objects.select_for_update().get(pk=task_id)
    if task.is_locked or any(member.base.is_locked for member in _members(task)):
        raise RefusedError(
            "tasks.task_locked",
            "The school has locked this task to school use only.",
            "Ask the school to change it, or to lift the lock.",
        )
    return task


def _members(task: ScheduledTask) -> list[Membership]:
    return list(Membership.objects.select_related("base").filter(task=task).order_by("pk"))


@transaction.atomic
def set_active(task_id: int, *, is_active: bool, by: int | None, now: datetime) -> None:
    """Pauses a task, or lets it go on."""
    task = own_task(task_id)
    task.is_active = is_active
    task.save(update_fields=["is_active"])
    refresh_memberships(task_ids=[task_id], now=now)
    name = "tasks.task.resumed" if is_active else "tasks.task.paused"
    record_event(name, now=now, user_id=by, subject_id=task_id)


@transaction.atomic
def join(task_id: int, *, base_ids: Collection[int], by: int | None, now: datetime) -> None:
    """Adds bases to a task's group; a SIMS 7 base on a SIMS Primary task waits for its migration."""
    task = own_task(task_id)
    for base in _unlocked(base_ids):
        check_kind_of_base(task_kind=task.kind, base_kind=base.mis)
        Membership.objects.get_or_create(task=task, base=base)
    refresh_memberships(task_ids=[task_id], now=now)
    details = {"bases": sorted(base_ids)}
    record_event("tasks.task.joined", now=now, user_id=by, subject_id=task_id, details=details)


@transaction.atomic
def leave(task_id: int, *, base_ids: Collection[int], by: int | None, now: datetime) -> None:
    """Takes bases out of a task's group; the task itself stays, even without a base."""
    task = own_task(task_id)
    Membership.objects.filter(task=task, base_id__in=base_ids).delete()
    details = {"bases": sorted(base_ids)}
    record_event("tasks.task.left", now=now, user_id=by, subject_id=task_id, details=details)


@transaction.atomic
def clone_task(
    task_id: int, *, name: str = "", base_ids: Collection[int] | None = None, by: int | None, now: datetime
) -> ScheduledTask:
    """Makes a task like another one, not active until somebody has looked at it.

    Over the same bases, or over ``base_ids``; the kind stays. Refuses a locked task and locked bases.
    """
    source = own_task(task_id)
    if base_ids is None:
        base_ids = [
            member.base_id
            for member in _members(source)
            if membership_state(task_kind=source.kind, base_kind=member.base.mis) is not MembershipState.ENDED
        ]
    made = create_task(
        name=name or f"{source.name[: LONGEST_NAME - 7]} (copy)",
        data_type=source.data_type,
        base_ids=base_ids,
        schedule=schedule_of(source),
        cohort=cohort_of(source),
        is_active=False,
        owner=source.owner,
        kind=source.kind,
        transfer_type=source.transfer_type,
        by=by,
        now=now,
    )
    details = {"source": task_id}
    record_event("tasks.task.cloned", now=now, user_id=by, subject_id=made.pk, details=details)
    return made


@transaction.atomic
def change_owner(task_id: int, *, owner: str, by: int | None, now: datetime) -> None:
    """Hands a task to the LA or to the school. Refuses a locked one."""
    task = own_task(task_id)
    before, task.owner = task.owner, Owner(owner).value
    task.save(update_fields=["owner"])
    details = {"changed": {"owner": [before, task.owner]}}
    record_event("tasks.task.owner_changed", now=now, user_id=by, subject_id=task_id, details=details)


@transaction.atomic
def set_locked(task_id: int, *, is_locked: bool, by: int | None, now: datetime) -> None:
    """Locks a task to school use only, or lifts the lock: the school's wish, carried out for it.

    Who may do so is a right of its own; a locked task runs on as it is.
    """
    task = ScheduledTask.objects.select_for_update().get(pk=task_id)
    task.is_locked = is_locked
    task.save(update_fields=["is_locked"])
    name = "tasks.task.locked" if is_locked else "tasks.task.unlocked"
    record_event(name, now=now, user_id=by, subject_id=task_id)
