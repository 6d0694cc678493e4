"""The only way a page gets what officers said about sources, and how busy these are, for a person.

What was said holds for every base of a MIS, so that it is seen whole or not at all: by right alone, however
far somebody sees. So is how busy a source is, for its bases share one limit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.collecting.models import MappingOverride, SourceLimit, SourceSetting, SourceTurn

__all__ = [
    "MappingOverride",
    "SourceSetting",
    "SourceTurn",
    "calls_per_second_for",
    "limits_for",
    "override_for",
    "overrides_for",
    "settings_for",
    "turns_for",
]

Row = TypeVar("Row", MappingOverride, SourceLimit, SourceSetting)


def overrides_for(user: Person, mis: str) -> list[MappingOverride]:
    """Where data items of a MIS really come from."""
    return list(_seen(user, MappingOverride.objects.filter(mis=mis).order_by("domain", "group", "item")))


def override_for(user: Person, override_id: int) -> MappingOverride:
    """One override, for somebody who may change it; anything else is not found."""
    found = MappingOverride.objects.filter(pk=override_id).first()
    if found is None or not may(user, Right.MAPPING_EDIT):
        raise Http404
    return found


def settings_for(user: Person, mis: str) -> list[SourceSetting]:
    """The settings of a MIS's connector that were given values of one's own."""
    return list(_seen(user, SourceSetting.objects.filter(mis=mis).order_by("pk")))


def limits_for(user: Person, mis: str) -> list[SourceLimit]:
    """The addresses of a MIS that allow another number of calls than its connector takes them to."""
    return list(_seen(user, SourceLimit.objects.filter(mis=mis).order_by("api_url")))


def calls_per_second_for(user: Person) -> float | None:
    """How many calls a second an officer has set for the sources; ``None`` where nobody did."""
    if not may(user, Right.RUNS_VIEW):
        return None
    return SourceLimit.objects.values_list("calls_per_second", flat=True).first()


def turns_for(user: Person, *, now: datetime) -> list[SourceTurn]:
    """The sources that were called within the hour. A source's limit is shared by all of its bases."""
    found = SourceTurn.objects.filter(next_at__gt=now - timedelta(hours=1)).order_by("key")
    return list(found) if may(user, Right.RUNS_VIEW) else []


def _seen(user: Person, rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows if may(user, Right.MAPPING_VIEW) else rows.none()
