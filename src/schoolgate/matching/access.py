"""The only way a page learns for a person whom of the register a base's external id stands for."""

from __future__ import annotations

from collections.abc import Collection

from schoolgate.accounts.rights import Person, Right
from schoolgate.accounts.scopes import scope_of
from schoolgate.matching import queries

__all__ = ["links_elsewhere_for", "pupils_known_as_for"]


def pupils_known_as_for(
    user: Person, external_ids: Collection[str], *, base_id: int, source: str
) -> dict[str, int]:
    """Whom these ids of a source of one of this person's bases stand for; those nobody knows are left out."""
    if not scope_of(user, Right.RUNS_VIEW).may_see(base_id):
        return {}
    return queries.pupils_known_as(external_ids, base_id=base_id, source=source)


def links_elsewhere_for(user: Person, pupil_ids: Collection[int], base_id: int) -> dict[int, dict[int, str]]:
    """At which of this person's bases but this one some pupils are known, and in which roll state."""
    scope, found = scope_of(user, Right.HELD_VIEW), queries.links_elsewhere(pupil_ids, base_id)
    return {
        pupil_id: {other: state for other, state in links.items() if scope.may_see(other)}
        for pupil_id, links in found.items()
    }
