"""Sets, changes and lifts blackout dates: holidays of the whole authority, closures of single schools."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.bases.models import Base
from schoolgate.tasks.memberships import refresh_memberships
from schoolgate.tasks.models import Blackout, BlackoutKind
from schoolgate.tasks.refusals import RefusedError

MOST_DAYS = 366


@transaction.atomic
def add_blackout(
    *,
    name: str,
    kind: str,
    from_on: date,
    until_on: date,
    base_ids: Collection[int] = (),
    by: int | None,
    now: datetime,
) -> list[Blackout]:
    """Lets nothing be due from a day on up to but not ``until_on``, at these bases or, without any, at all.

    What would have been due is skipped, not caught up. Refuses a missing name and days that can't be.
    """
    _check(name=name, kind=kind, from_on=from_on, until_on=until_on)
    if Base.objects.filter(pk__in=base_ids).count() != len(set(base_ids)):
        raise RefusedError(
            "tasks.unknown_base", "One of these bases does not exist.", "Tick the bases again.", field="bases"
        )
    whose: list[int | None] = [*sorted(set(base_ids))] or [None]
    made = [
        Blackout.objects.create(
            base_id=each, name=name.strip(), kind=kind, from_on=from_on, until_on=until_on
        )
        for each in whose
    ]
    details = {**_details(made[0]), "bases": sorted(base_ids) or "all"}
    record_event("tasks.blackout.added", now=now, user_id=by, subject_id=made[0].pk, details=details)
    refresh_memberships(base_ids=base_ids or None, now=now)
    return made


@transaction.atomic
def edit_blackout(
    blackout_id: int,
    *,
    name: str,
    kind: str,
    from_on: date,
    until_on: date,
    by: int | None,
    now: datetime,
) -> Blackout:
    """Changes blackout dates; tasks that become due again through it are planned."""
    _check(name=name, kind=kind, from_on=from_on, until_on=until_on)
    held = Blackout.objects.select_for_update().get(pk=blackout_id)
    before = _details(held)
    held.name, held.kind, held.from_on, held.until_on = name.strip(), kind, from_on, until_on
    held.save()
    details = {"before": before, "after": _details(held)}
    record_event(
        "tasks.blackout.edited",
        now=now,
        user_id=by,
        base_id=held.base_id,
        subject_id=blackout_id,
        details=details,
    )
    refresh_memberships(base_ids=_bases(held), now=now)
    return held


@transaction.atomic
def remove_blackout(blackout_id: int, *, by: int | None, now: datetime) -> None:
    """Lifts blackout dates."""
    held = Blackout.objects.select_for_update().get(pk=blackout_id)
    held.delete()
    record_event(
        "tasks.blackout.removed",
        now=now,
        user_id=by,
        base_id=held.base_id,
        subject_id=blackout_id,
        details=_details(held),
    )
    refresh_memberships(base_ids=_bases(held), now=now)


def _bases(blackout: Blackout) -> list[int] | None:
    return None if blackout.base_id is None else [blackout.base_id]


def _check(*, name: str, kind: str, from_on: date, until_on: date) -> None:
    problem: tuple[str, str, str] | None = None
    if not name.strip():
        problem = ("The blackout dates have no name.", "Say what they are for, such as Christmas.", "name")
    elif kind not in BlackoutKind.values:
        problem = ("The kind is missing.", "Choose holiday or closure.", "kind")
    elif until_on <= from_on:
        problem = ("They would end before they begin.", "Choose a later last day.", "until_on")
    elif until_on - from_on > timedelta(days=MOST_DAYS):
        problem = ("They are longer than a year.", "Make the base or its tasks inactive instead.", "until_on")
    if problem is not None:
        sentence, remedy, field = problem
        raise RefusedError(f"tasks.blackout.{field}", sentence, remedy, field=field)


def _details(blackout: Blackout) -> dict[str, str]:
    return {
        "name": blackout.name,
        "kind": blackout.kind,
        "from_on": blackout.from_on.isoformat(),
        "until_on": blackout.until_on.isoformat(),
    }
