"""The only way a page learns for a person whom of the register a base's external id stands for."""

from __future__ import annotations

from collections.abc import Collection

from schoolgate.accounts.rights import Person, Right
from schoolgate.accounts.scopes import scope_of
from schoolgate.matching import queries

__all__ = ["pupils_known_as_for"]


def pupils_known_as_for(user: Person, external_ids: Collection[str], *, base_id: int) -> dict[str, int]:
    """Whom these external ids of one of this person's bases stand for; those nobody knows are left out."""
    if not scope_of(user, Right.RUNS_VIEW).may_see(base_id):
        return {}
    return queries.pupils_known_as(external_ids, base_id=base_id)
