"""Starts a task's runs now, because an officer wants them, ahead of the nightly ones."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec
from django.db import transaction

from schoolgate.bases.models import Mis
from schoolgate.bases.queries import by_name, state_of
from schoolgate.bases.rules import ConnectionState
from schoolgate.runs import engine
from schoolgate.runs.actions import plan_run
from schoolgate.runs.states import Origin
from schoolgate.tasks.kinds import is_for_sims_primary
from schoolgate.tasks.models import Membership
from schoolgate.tasks.queries import cohort_of

OFFICER_PRIORITY = 10
"""Before everything the planner plans."""


class NotNow(msgspec.Struct, frozen=True, kw_only=True):
    """A base that can't be collected now, and why."""

    base_id: int
    base_name: str
    sentence: str


class RunNow(msgspec.Struct, frozen=True, kw_only=True):
    """The runs that were asked for, and the bases that have none."""

    runs: tuple[int, ...]
    refused: tuple[NotNow, ...]


@transaction.atomic
def run_now(
    task_id: int, *, base_ids: Collection[int] | None = None, by: int | None, now: datetime
) -> RunNow:
    """Runs a task at all of its bases, or at these, whatever its schedule says; paused tasks too.

    Bases that can't be collected are left out, with the reason.
    """
    members = (
        Membership.objects.select_related("task", "base")
        .prefetch_related("base__connections")
        .filter(task_id=task_id)
        .order_by(*by_name("base"))
    )
    if base_ids is not None:
        members = members.filter(base_id__in=base_ids)
    runs: list[int] = []
    refused: list[NotNow] = []
    for member in members:
        sentence = obstacle(member)
        if sentence:
            refused.append(NotNow(base_id=member.base_id, base_name=member.base.name, sentence=sentence))
        else:
            runs.append(_start(member, by=by, now=now))
    return RunNow(runs=tuple(runs), refused=tuple(refused))


def obstacle(member: Membership) -> str:
    """Why a task can't be run at a base now, as a sentence; empty when it can."""
    task, base = member.task, member.base
    if not base.is_active:
        return "The base is not active."
    if not is_for_sims_primary(transfer_type=task.transfer_type, data_type=task.data_type):
        return "The school's agent carries this task out; it can't be run from here."
    if base.mis != Mis.SIMS_PRIMARY:
        return "The base is still on SIMS 7."
    if state_of(getattr(base, "connection", None)) is ConnectionState.MISSING:
        return "Its SIMS Primary settings are missing."
    return ""


def _start(member: Membership, *, by: int | None, now: datetime) -> int:
    run = plan_run(
        base_id=member.base_id,
        task_id=member.task_id,
        origin=Origin.AD_HOC,
        data_type=member.task.data_type,
        cohort=cohort_of(member.task),
        planned_at=now,
        priority=OFFICER_PRIORITY,
        requested_by=by,
        now=now,
    )
    engine.enqueue(run.pk)
    return run.pk
