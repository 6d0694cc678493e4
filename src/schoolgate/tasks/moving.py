"""What becomes of a base's SIMS 7 tasks when it moves to SIMS Primary (seed: after migration).

Snapshot and changed data go on; a base that was in a group joins the group's SIMS Primary twin. Two-way,
import, attainment and SIMS 7 attendance end for the base. SIMS Primary tasks that waited begin.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.bases.models import Mis
from schoolgate.tasks.kinds import EXPORT, ON_BOTH, SIMS_7, SIMS_PRIMARY
from schoolgate.tasks.memberships import refresh_memberships
from schoolgate.tasks.models import Membership, ScheduledTask

LONGEST_NAME = 100
SUFFIX = " (SIMS Primary)"
_NOT_COPIED = frozenset({"id", "name", "kind", "twin_of", "created_at", "created_by"})


class MovedTasks(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a moved base's tasks, by id: of the tasks it was in, or (regrouped) is in now."""

    carried_on: tuple[int, ...] = ()
    regrouped: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    begun: tuple[int, ...] = ()


@transaction.atomic
def settle_moved_base(base_id: int, *, by: int | None, now: datetime) -> MovedTasks:
    """Carries a base's tasks over its move. Call it in the transaction that moves it, after the move.

    Calling it again changes nothing more.
    """
    members = list(
        Membership.objects.select_for_update()
        .select_related("task", "base")
        .filter(base_id=base_id)
        .order_by("task_id")
    )
    carried_on: list[int] = []
    regrouped: list[int] = []
    ended: list[int] = []
    for member in members:
        if member.task.kind != SIMS_7 or member.base.mis != Mis.SIMS_PRIMARY:
            continue
        if not (member.task.transfer_type == EXPORT and member.task.data_type in ON_BOTH):
            _end(member)
            ended.append(member.task_id)
        elif _is_alone(member) and not member.task.twins.exists():
            ScheduledTask.objects.filter(pk=member.task_id).update(kind=SIMS_PRIMARY)
            carried_on.append(member.task_id)
        else:
            regrouped.append(_regroup(member, by=by, now=now))
    begun = [member.task_id for member in members if member.task.kind == SIMS_PRIMARY]
    moved = MovedTasks(
        carried_on=tuple(carried_on), regrouped=tuple(regrouped), ended=tuple(ended), begun=tuple(begun)
    )
    refresh_memberships(base_ids=[base_id], now=now)
    if carried_on or regrouped or ended:
        details = {name: list(ids) for name, ids in msgspec.structs.asdict(moved).items()}
        record_event("tasks.base.moved", now=now, user_id=by, base_id=base_id, details=details)
    return moved


def _is_alone(member: Membership) -> bool:
    """Whether no other base of the task is still on SIMS 7."""
    others = Membership.objects.filter(task_id=member.task_id, base__mis=Mis.SIMS_7)
    return not others.exclude(pk=member.pk).exists()


def _end(member: Membership) -> None:
    """The task goes on for the group's other bases; with nobody left it is made inactive."""
    if _is_alone(member):
        ScheduledTask.objects.filter(pk=member.task_id).update(is_active=False)


def _regroup(member: Membership, *, by: int | None, now: datetime) -> int:
    """Takes the base from the group to the group's twin, which is made when the first base needs it."""
    task = ScheduledTask.objects.select_for_update().get(pk=member.task_id)
    twin = task.twins.first() or _twin_of(task, by=by, now=now)
    Membership.objects.get_or_create(task=twin, base_id=member.base_id)
    is_alone = _is_alone(member)
    member.delete()
    if is_alone:
        task.is_active = False
        task.save(update_fields=["is_active"])
    return twin.pk


def _twin_of(task: ScheduledTask, *, by: int | None, now: datetime) -> ScheduledTask:
    """A SIMS Primary task with the same owner, lock, cohort and schedule."""
    fields = {
        field.attname: getattr(task, field.attname)
        for field in ScheduledTask._meta.concrete_fields  # noqa: SLF001 - Django's own word for it
        if field.name not in _NOT_COPIED
    }
    name = task.name[: LONGEST_NAME - len(SUFFIX)] + SUFFIX
    twin = ScheduledTask.objects.create(
        **fields, name=name, kind=SIMS_PRIMARY, twin_of=task, created_at=now, created_by=by
    )
    details = {"twin_of": task.pk}
    record_event("tasks.task.twinned", now=now, user_id=by, subject_id=twin.pk, details=details)
    return twin
