"""The only way a face gets what waits for a person: a wrong id and a forbidden id look the same."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.bases.access import bases_for
from schoolgate.holding.models import HeldEntry
from schoolgate.holding.queries import OpenEntry, decided_entries, entries_that_wait


def entries_for(user: Person) -> list[OpenEntry]:
    """Every entry in which something waits that this person may see, worst first."""
    if not may(user, Right.HELD_VIEW):
        return []
    return entries_that_wait(base_ids=list(bases_for(user).values_list("pk", flat=True)))


def decided_for(user: Person) -> QuerySet[HeldEntry]:
    """What was decided or closed by itself that this person may see, newest first."""
    found = decided_entries()
    return found.filter(base__in=bases_for(user)) if may(user, Right.HELD_VIEW) else found.none()


def entry_for(user: Person, entry_id: int) -> HeldEntry:
    """One entry this person may see, open or not; anything else is not found."""
    found = HeldEntry.objects.select_related("base").filter(pk=entry_id, base__in=bases_for(user)).first()
    if found is None or not may(user, Right.HELD_VIEW):
        raise Http404
    return found
