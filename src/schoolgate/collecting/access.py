"""The only way a page gets what officers said about sources: it is nobody's who may not see the mapping.

These rows hold for every base of a MIS, so that they are seen whole or not at all.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.collecting.models import MappingOverride, SourceLimit, SourceSetting

Row = TypeVar("Row", MappingOverride, SourceLimit, SourceSetting)


def overrides_for(user: Person, mis: str) -> QuerySet[MappingOverride]:
    """Where data items of a MIS really come from."""
    return _seen(user, MappingOverride.objects.filter(mis=mis).order_by("domain", "group", "item"))


def override_for(user: Person, override_id: int) -> MappingOverride:
    """One override; anything else is not found."""
    found = _seen(user, MappingOverride.objects.filter(pk=override_id)).first()
    if found is None:
        raise Http404
    return found


def settings_for(user: Person, mis: str) -> QuerySet[SourceSetting]:
    """The settings of a MIS's connector that were given values of one's own."""
    return _seen(user, SourceSetting.objects.filter(mis=mis).order_by("name"))


def limits_for(user: Person, mis: str) -> QuerySet[SourceLimit]:
    """The addresses of a MIS that allow another number of calls than its connector takes them to."""
    return _seen(user, SourceLimit.objects.filter(mis=mis).order_by("api_url"))


def _seen(user: Person, rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows if may(user, Right.MAPPING_VIEW) else rows.none()
