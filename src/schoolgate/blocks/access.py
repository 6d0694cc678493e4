"""The only way a page learns for a person what clearing the cache would cost, and which blocks are open."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from schoolgate.accounts.rights import Person, Right
from schoolgate.accounts.scopes import scope_of
from schoolgate.blocks.clearing import CacheCost, preview_clear
from schoolgate.blocks.points import open_points, open_points_of
from schoolgate.runs.models import RunException

__all__ = [
    "CacheCost",
    "cost_of_clearing_for",
    "open_points_for",
    "open_points_of_pupil_for",
    "to_clear_for",
]


def to_clear_for(user: Person, base_ids: Collection[int] | None) -> Collection[int] | None:
    """Of which bases this person may clear the cache, of these or with ``None`` of all; ``None`` is all."""
    return scope_of(user, Right.CACHE_CLEAR).narrowed(base_ids)


def cost_of_clearing_for(
    user: Person,
    *,
    base_ids: Collection[int] | None,
    groups: Collection[str] | None,
    before: datetime | None = None,
) -> CacheCost:
    """What clearing would touch at those of some bases that are this person's, and cost."""
    return preview_clear(base_ids=to_clear_for(user, base_ids), groups=groups, before=before)


def open_points_for(user: Person) -> QuerySet[RunException]:
    """What is refused or unmatched still at this person's bases, newest first, with run and base."""
    return open_points(scope_of(user, Right.RUNS_VIEW))


def open_points_of_pupil_for(user: Person, pupil_id: int) -> QuerySet[RunException]:
    """What is open about a pupil at the bases of somebody who reads the register, newest first."""
    return open_points_of(scope_of(user, Right.PUPILS_VIEW), pupil_id)
