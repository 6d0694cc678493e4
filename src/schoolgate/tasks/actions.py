"""Makes and changes scheduled tasks, and plans their next occurrence at each base."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.bases.models import Base, Connection
from schoolgate.tasks import rules
from schoolgate.tasks.models import Membership, Owner, ScheduledTask, TransferType
from schoolgate.tasks.queries import schedule_of
from schoolgate.tasks.rules import RefusedError, Schedule
from schoolgate.tasks.schedules import next_due
from schoolgate.tasks.states import PendingReason

_INSTANT = timedelta(microseconds=1)


@transaction.atomic
def create_task(
    *,
    name: str,
    data_type: str,
    base_ids: Collection[int],
    schedule: Schedule,
    nc_years: Iterable[str] = (),
    is_active: bool = True,
    owner: str = Owner.LA,
    kind: str = "",
    transfer_type: str = TransferType.EXPORT_FROM_SCHOOL,
    by: int | None,
    now: datetime,
) -> ScheduledTask:
    """Makes a task over one base or a group of bases and plans it.

    ``kind`` may wish for SIMS Primary before the bases have moved; left empty it follows from the
    bases. Refuses (``RefusedError``) bases of both kinds, locked bases, and a schedule that never comes.
    """
    bases = _unlocked(base_ids)
    task = ScheduledTask(
        transfer_type=transfer_type,
        kind=rules.kind_for(data_type, [base.mis for base in bases], wished=kind),
        owner=owner,
        created_at=now,
        created_by=by,
    )
    _set(task, name=name, data_type=data_type, nc_years=nc_years, is_active=is_active, schedule=schedule)
    task.save()
    Membership.objects.bulk_create([Membership(task=task, base=base) for base in bases])
    refresh_memberships(task_ids=[task.pk], now=now)
    record_event("tasks.task.created", now=now, user_id=by, subject_id=task.pk, details={"bases": len(bases)})
    return task


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


def _set(
    task: ScheduledTask,
    *,
    name: str,
    data_type: str,
    nc_years: Iterable[str],
    is_active: bool,
    schedule: Schedule,
) -> None:
    rules.check_name(name)
    years = list(nc_years)
    rules.check_nc_years(years)
    rules.check_schedule(schedule)
    task.name = name.strip()
    task.data_type = data_type
    task.nc_years = years
    task.is_active = is_active
    for field, value in msgspec.structs.asdict(schedule).items():
        setattr(task, field, list(value) if isinstance(value, tuple) else value)


@transaction.atomic
def edit_task(
    task_id: int,
    *,
    name: str,
    data_type: str,
    schedule: Schedule,
    nc_years: Iterable[str] = (),
    is_active: bool = True,
    by: int | None,
    now: datetime,
) -> ScheduledTask:
    """Changes a task and plans it anew. Refuses a locked one, and a data type its bases can't do."""
    task = _own(task_id)
    rules.kind_for(data_type, [member.base.mis for member in _members(task)], wished=task.kind)
    _set(task, name=name, data_type=data_type, nc_years=nc_years, is_active=is_active, schedule=schedule)
    task.save()
    refresh_memberships(task_ids=[task_id], now=now)
    record_event("tasks.task.edited", now=now, user_id=by, subject_id=task_id)
    return task


def _own(task_id: int) -> ScheduledTask:
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
    task = _own(task_id)
    task.is_active = is_active
    task.save(update_fields=["is_active"])
    refresh_memberships(task_ids=[task_id], now=now)
    name = "tasks.task.resumed" if is_active else "tasks.task.paused"
    record_event(name, now=now, user_id=by, subject_id=task_id)


@transaction.atomic
def join(task_id: int, *, base_ids: Collection[int], by: int | None, now: datetime) -> None:
    """Adds bases to a task's group; a SIMS 7 base on a SIMS Primary task waits for its migration."""
    task = _own(task_id)
    for base in _unlocked(base_ids):
        rules.check_kind_of_base(task_kind=task.kind, base_kind=base.mis)
        Membership.objects.get_or_create(task=task, base=base)
    refresh_memberships(task_ids=[task_id], now=now)
    details = {"bases": sorted(base_ids)}
    record_event("tasks.task.joined", now=now, user_id=by, subject_id=task_id, details=details)


@transaction.atomic
def leave(task_id: int, *, base_ids: Collection[int], by: int | None, now: datetime) -> None:
    """Takes bases out of a task's group; the task itself stays, even without a base."""
    task = _own(task_id)
    Membership.objects.filter(task=task, base_id__in=base_ids).delete()
    details = {"bases": sorted(base_ids)}
    record_event("tasks.task.left", now=now, user_id=by, subject_id=task_id, details=details)


@transaction.atomic
def refresh_memberships(
    *, now: datetime, task_ids: Collection[int] | None = None, base_ids: Collection[int] | None = None
) -> int:
    """Settles anew, for these tasks or bases, what is Queued for when and what is Pending why.

    Call it after anything that bears on it: a changed task, a base moved, edited or tested. An
    occurrence that is due but not yet planned is kept. Answers how many memberships changed.
    """
    found = Membership.objects.select_for_update(of=("self",)).select_related("task", "base").order_by("pk")
    if task_ids is not None:
        found = found.filter(task_id__in=task_ids)
    if base_ids is not None:
        found = found.filter(base_id__in=base_ids)
    members = list(found)
    connected = Connection.objects.filter(base_id__in={member.base_id for member in members})
    tested = dict(connected.values_list("base_id", "tested_at"))
    changed = [member for member in members if _settle(member, tested=tested, now=now)]
    Membership.objects.bulk_update(changed, ["next_due_at", "pending_reason"], batch_size=500)
    return len(changed)


def _settle(member: Membership, *, tested: dict[int, datetime | None], now: datetime) -> bool:
    """Brings one membership up to date and answers whether that changed it."""
    schedule = schedule_of(member.task)
    due_at = next_due(schedule, now)
    kept = member.next_due_at
    is_overdue = kept is not None and kept <= now and next_due(schedule, kept - _INSTANT) == kept
    if is_overdue:
        due_at = kept
    reason = rules.pending_reason(
        is_task_active=member.task.is_active,
        task_kind=member.task.kind,
        is_base_active=member.base.is_active,
        base_kind=member.base.mis,
        has_connection=member.base_id in tested,
        is_connection_tested=tested.get(member.base_id) is not None,
        has_next=due_at is not None,
    )
    return _put(member, due_at if reason is None else None, reason)


def _put(member: Membership, due_at: datetime | None, reason: PendingReason | None) -> bool:
    code = reason.value if reason is not None else ""
    if (member.next_due_at, member.pending_reason) == (due_at, code):
        return False
    member.next_due_at, member.pending_reason = due_at, code
    return True


def advance(member: Membership, *, now: datetime) -> None:
    """After an occurrence became a run: plans the first one later than now; missed ones count once."""
    due_at = next_due(schedule_of(member.task), now)
    member.next_due_at = due_at
    member.pending_reason = "" if due_at is not None else PendingReason.OVER.value
    member.save(update_fields=["next_due_at", "pending_reason"])
