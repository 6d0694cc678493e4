"""The only way a page gets for a person what officers set for the sources, and how busy these are."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.collecting.models import MappingOverride, SourceLimit, SourceTurn

__all__ = [
    "MappingOverride",
    "SourceTurn",
    "calls_per_second_for",
    "override_for",
    "overrides_for",
    "turns_for",
]


def overrides_for(user: Person) -> list[MappingOverride]:
    """Every override of the shipped mapping, which holds for all bases alike."""
    found = MappingOverride.objects.order_by("domain", "group", "item")
    return list(found) if may(user, Right.MAPPING_VIEW) else []


def override_for(user: Person, override_id: int) -> MappingOverride:
    """One override, for somebody who may change it; anything else is not found."""
    found = MappingOverride.objects.filter(pk=override_id).first()
    if found is None or not may(user, Right.MAPPING_EDIT):
        raise Http404
    return found


def calls_per_second_for(user: Person) -> float | None:
    """How many calls a second an officer has set for the sources; ``None`` where nobody did."""
    if not may(user, Right.RUNS_VIEW):
        return None
    return SourceLimit.objects.values_list("calls_per_second", flat=True).first()


def turns_for(user: Person, *, now: datetime) -> list[SourceTurn]:
    """The sources that were called within the hour. A source's limit is shared by all of its bases."""
    found = SourceTurn.objects.filter(next_at__gt=now - timedelta(hours=1)).order_by("key")
    return list(found) if may(user, Right.RUNS_VIEW) else []
