"""The only way a face gets what waits for a person: a wrong id and a forbidden id look the same.

An entry is its base's, and so is everything that waits in it. What the register holds of its pupils, the room
of pupils says, as far as the person sees them; a decision about anybody else is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right
from schoolgate.accounts.scopes import scope_of
from schoolgate.holding import queries
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.queries import OpenEntry
from schoolgate.holding.refusals import beyond_your_bases
from schoolgate.pupils.access import within_sight_for

__all__ = [
    "HeldEntry",
    "HeldItem",
    "OpenEntry",
    "check_sight_for",
    "counts_for",
    "decided_for",
    "entries_by_cause_for",
    "entries_for",
    "entries_of_pupil_for",
    "entry_for",
    "items_for",
    "pupils_for",
    "waiting_for",
]


def entries_for(user: Person) -> list[OpenEntry]:
    """Every entry in which something waits that this person may see, worst first."""
    return queries.entries_that_wait(scope_of(user, Right.HELD_VIEW))


def decided_for(user: Person) -> QuerySet[HeldEntry]:
    """What was decided or closed by itself that this person may see, newest first."""
    return queries.decided_entries(scope_of(user, Right.HELD_VIEW))


def entries_by_cause_for(
    user: Person, base_id: int, causes: Collection[str], *, at: datetime
) -> dict[str, int]:
    """Which entry of a base each of these causes had at a time, by its code; decided since or not."""
    return queries.entries_by_cause(scope_of(user, Right.HELD_VIEW), base_id, causes, at=at)


def entries_of_pupil_for(user: Person, pupil_id: int) -> list[HeldEntry]:
    """The entries this person may see in which something waits about a pupil, oldest first."""
    return queries.entries_of_pupil(scope_of(user, Right.HELD_VIEW), pupil_id)


def entry_for(user: Person, entry_id: int) -> HeldEntry:
    """One entry this person may see, open or not; anything else is not found."""
    found = queries.seen(scope_of(user, Right.HELD_VIEW)).filter(pk=entry_id).first()
    if found is None:
        raise Http404
    return found


def pupils_for(user: Person, entry: HeldEntry) -> QuerySet[Any, Any]:
    """Whom an entry is about, as ``external_id``; those for whom something waits first, as they came."""
    found = queries.pupils_of(entry.pk)
    return found if _may_see(user, entry) else found.none()


def counts_for(user: Person, entry: HeldEntry) -> tuple[int, int]:
    """Of how many pupils of an entry something waits for a person, and of how many a run is to land it."""
    return queries.waiting_counts(entry.pk) if _may_see(user, entry) else (0, 0)


def items_for(user: Person, entry: HeldEntry, external_ids: Collection[str]) -> list[HeldItem]:
    """Everything of an entry about some of its pupils, decided or not, in the order it came."""
    return queries.items_of(entry.pk, external_ids) if _may_see(user, entry) else []


def waiting_for(
    user: Person, entry: HeldEntry, external_ids: Collection[str] | None = None
) -> list[HeldItem]:
    """What of an entry waits for somebody who may decide about it, of some pupils or all."""
    may_decide = scope_of(user, Right.HELD_DECIDE).may_see(entry.base_id)
    return queries.waiting_items(entry.pk, external_ids) if may_decide else []


def check_sight_for(user: Person, items: Iterable[HeldItem]) -> None:
    """Refuses (``HeldRefusedError``) a decision about pupils of whom this person doesn't see the record.

    Whoever looks after some bases would not see whom a pupil is taken for, or whose record a release
    changes. For a person without a limit it asks the database nothing.
    """
    pupil_ids = {each.pupil_id for each in items if each.pupil_id is not None}
    if pupil_ids - within_sight_for(user, pupil_ids):
        raise beyond_your_bases()


def _may_see(user: Person, entry: HeldEntry) -> bool:
    return scope_of(user, Right.HELD_VIEW).may_see(entry.base_id)
