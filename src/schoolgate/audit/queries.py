"""Reads the audit: what happened to a pupil's record, where a value came from, what a run changed.

Nobody on this floor knows a person: who asks for a face says of which bases (``None``: of all). Facts of the
pupil are told whichever base sent them, facts of a pupil at a base only of those bases.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from schoolgate.audit.actions import LINK
from schoolgate.audit.models import Event, RecordChange
from schoolgate_message.groups import ATTENDANCE, GROUPS
from schoolgate_message.items import Scope

AT_A_BASE = (ATTENDANCE, LINK, *(group.name for group in GROUPS if group.scope is Scope.BASE))
"""What says something of a pupil at a base: data groups, and the links to a school's own ids."""

BaseIds = Collection[int] | None

WHOLE_GROUP = ""
"""The key under which :func:`item_sources` gives the last change of a group of many records."""


def _of_pupil(base_ids: BaseIds, pupil_id: int) -> QuerySet[RecordChange]:
    found = RecordChange.objects.filter(pupil_id=pupil_id)
    return found if base_ids is None else found.filter(~Q(group__in=AT_A_BASE) | Q(base_id__in=base_ids))


def latest_changes(base_ids: BaseIds, pupil_id: int, group: str, *, limit: int = 50) -> list[RecordChange]:
    """The newest changes of one data group of one pupil, newest first."""
    return list(_of_pupil(base_ids, pupil_id).filter(group=group).order_by("-id")[:limit])


def item_sources(base_ids: BaseIds, pupil_id: int, group: str) -> dict[str, RecordChange]:
    """For each data item of a group of one record, the change that last touched it.

    For a group of many records, whose changes carry all rows, the one key is ``WHOLE_GROUP``.
    """
    sources: dict[str, RecordChange] = {}
    for change in latest_changes(base_ids, pupil_id, group, limit=500):
        for item in _items(change):
            sources.setdefault(item, change)
    return sources


def _items(change: RecordChange) -> set[str]:
    sides = [side for side in (change.before, change.after) if side is not None]
    if all(isinstance(side, dict) for side in sides):
        return {str(item) for side in sides for item in side}
    return {WHOLE_GROUP}


def history(
    base_ids: BaseIds, pupil_id: int, *, limit: int = 100, before_id: int | None = None
) -> list[RecordChange]:
    """Everything that happened to one pupil's record, newest first; ``before_id`` opens the next page."""
    changes = _of_pupil(base_ids, pupil_id)
    if before_id is not None:
        changes = changes.filter(id__lt=before_id)
    return list(changes.order_by("-id")[:limit])


def changes_of_run(run_id: int) -> QuerySet[RecordChange]:
    """What one run changed, pupil by pupil; the caller pages through it."""
    return RecordChange.objects.filter(run_id=run_id).order_by("pupil_id", "id")


def patches_read_after(
    read_at: datetime | None, *, group: str, pupil_ids: Collection[int], base_id: int, source: str
) -> list[tuple[int, Any]]:
    """Pupil and ``after`` of every change that newer content of a base's source made to a group of pupils.

    Newer than nothing known is whatever is known. Asks every piece, by the pupils' index.
    """
    found = RecordChange.objects.filter(
        pupil_id__in=pupil_ids, group=group, base_id=base_id, read_at__isnull=False, after__isnull=False
    ).filter(Q(source=source) | Q(source=""))
    if read_at is not None:
        found = found.filter(read_at__gt=read_at)
    return list(found.values_list("pupil_id", "after"))


def patches_from(
    sources: Collection[str], *, group: str, pupil_ids: Collection[int], base_id: int
) -> list[tuple[int, str, Any]]:
    """Pupil, source and ``after`` of every change these sources of a base made to a group of pupils."""
    found = RecordChange.objects.filter(
        pupil_id__in=pupil_ids, group=group, base_id=base_id, source__in=sources, after__isnull=False
    )
    return list(found.values_list("pupil_id", "source", "after"))


def events(*, base_id: int | None = None, limit: int = 100) -> list[Event]:
    """The newest events, of one base or of all."""
    found = Event.objects.all() if base_id is None else Event.objects.filter(base_id=base_id)
    return list(found.order_by("-id")[:limit])
