"""Settles where each base stands in each of its tasks: Queued for when, or Pending why."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction

from schoolgate.bases.models import Connection
from schoolgate.lib.clock import london_day
from schoolgate.tasks.closures import Closures, closures
from schoolgate.tasks.kinds import membership_state
from schoolgate.tasks.models import Membership
from schoolgate.tasks.queries import schedule_of, spread_of
from schoolgate.tasks.rules import pending_reason
from schoolgate.tasks.schedules import Schedule, next_due
from schoolgate.tasks.states import PendingReason

_INSTANT = timedelta(microseconds=1)
CAUGHT_UP_WITHIN = timedelta(days=400)
"""Blackout dates are looked up so far back, for an occurrence that nobody has planned yet."""


@transaction.atomic
def refresh_memberships(
    *, now: datetime, task_ids: Collection[int] | None = None, base_ids: Collection[int] | None = None
) -> int:
    """Settles anew, for these tasks or bases, what is Queued for when and what is Pending why.

    Call it after anything that bears on it: a changed task, a base moved, edited or tested, changed
    blackout dates. An occurrence that is due but not yet planned is kept. Answers how many memberships
    changed.
    """
    found = Membership.objects.select_for_update(of=("self",)).select_related("task", "base").order_by("pk")
    if task_ids is not None:
        found = found.filter(task_id__in=task_ids)
    if base_ids is not None:
        found = found.filter(base_id__in=base_ids)
    members = list(found)
    settling = _Settling(members, now=now)
    changed = [member for member in members if settling.settle(member)]
    Membership.objects.bulk_update(changed, ["state", "next_due_at", "pending_reason"], batch_size=500)
    return len(changed)


class _Settling:
    """What settling many memberships at one moment has in common."""

    def __init__(self, members: Iterable[Membership], *, now: datetime) -> None:
        base_ids = {member.base_id for member in members}
        connected = Connection.objects.filter(base_id__in=base_ids)
        rows = connected.values_list("base_id", "mis", "tested_at")
        self._tested = {(base_id, mis): tested_at for base_id, mis, tested_at in rows}
        self._closed = closures(base_ids, from_on=london_day(now - CAUGHT_UP_WITHIN))
        self._now = now
        self._known: dict[object, datetime | None] = {}

    def settle(self, member: Membership) -> bool:
        """Brings one membership up to date and answers whether that changed it."""
        due_at = self._due_at(member)
        state = membership_state(task_kind=member.task.kind, base_kind=member.base.mis)
        reason = pending_reason(
            is_task_active=member.task.is_active,
            task_kind=member.task.kind,
            is_base_active=member.base.is_active,
            base_kind=member.base.mis,
            has_connection=(member.base_id, member.task.kind) in self._tested,
            is_connection_tested=self._tested.get((member.base_id, member.task.kind)) is not None,
            has_next=due_at is not None,
        )
        before = (member.state, member.next_due_at, member.pending_reason)
        member.state = state.value
        member.next_due_at = due_at if reason is None else None
        member.pending_reason = reason.value if reason is not None else ""
        return before != (member.state, member.next_due_at, member.pending_reason)

    def _due_at(self, member: Membership) -> datetime | None:
        """The next occurrence, or the one that is due already and nobody has planned."""
        schedule, kept = schedule_of(member.task), member.next_due_at
        if kept is not None and kept <= self._now and self._next(member, schedule, kept - _INSTANT) == kept:
            return kept
        return self._next(member, schedule, self._now)

    def _next(self, member: Membership, schedule: Schedule, after: datetime) -> datetime | None:
        """Reckoned once for all bases that share schedule and blackout dates and have no window."""
        closed, spread = self._closed.of(member.base_id), spread_of(member)
        if spread is not None:
            return next_due(schedule, after, closed=closed, spread=spread)
        key = (schedule, after, closed)
        if key not in self._known:
            self._known[key] = next_due(schedule, after, closed=closed)
        return self._known[key]


def advance(member: Membership, *, now: datetime, closed: Closures | None = None) -> None:
    """After an occurrence became a run: plans the first one later than now; missed ones count once."""
    put_on(member, now=now, closed=closed)
    member.save(update_fields=["next_due_at", "pending_reason"])


def put_on(member: Membership, *, now: datetime, closed: Closures | None = None) -> None:
    """The same without saving, for a planner that saves many at once."""
    if closed is None:
        closed = closures([member.base_id], from_on=london_day(now))
    due_at = next_due(
        schedule_of(member.task), now, closed=closed.of(member.base_id), spread=spread_of(member)
    )
    member.next_due_at = due_at
    member.pending_reason = "" if due_at is not None else PendingReason.OVER.value
