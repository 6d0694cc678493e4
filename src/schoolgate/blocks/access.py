"""The only way a page learns for a person what clearing the cache would cost."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from schoolgate.accounts.rights import Person, Right
from schoolgate.accounts.scopes import scope_of
from schoolgate.blocks.clearing import CacheCost, preview_clear

__all__ = ["CacheCost", "cost_of_clearing_for", "to_clear_for"]


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
