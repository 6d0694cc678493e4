"""The only way a page gets a base for a person: a wrong id and a forbidden id look the same."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.accounts.scopes import scope_of
from schoolgate.bases import queries
from schoolgate.bases.models import Base, Connection, Mis

__all__ = [
    "Base",
    "Connection",
    "Mis",
    "base_for",
    "bases_by_id_for",
    "bases_for",
    "how_many_on_for",
    "search_for",
]


def bases_for(user: Person) -> QuerySet[Base]:
    """The bases this person may see."""
    return queries.seen(scope_of(user, Right.BASES_VIEW))


def base_for(user: Person, base_id: int) -> Base:
    """One base this person may see, with its connections; anything else is not found."""
    found = bases_for(user).prefetch_related("connections").filter(pk=base_id).first()
    if found is None:
        raise Http404
    return found


def bases_by_id_for(user: Person, base_ids: Iterable[int | None]) -> dict[int, Base]:
    """Those of some bases this person may see, in one query: to say by name where a value came from."""
    return bases_for(user).in_bulk({base_id for base_id in base_ids if base_id is not None})


def how_many_on_for(user: Person, mis: str) -> int:
    """On how many active bases what is set for a MIS bears: of the whole authority, however far one sees."""
    if not may(user, Right.MAPPING_VIEW):
        return 0
    return Base.objects.filter(mis=mis, is_active=True).count()


def search_for(
    user: Person, *, text: str = "", mis: str = "", is_active: bool | None = None, connection: str = ""
) -> QuerySet[Base]:
    """The bases a search finds among those this person may see; with their connection."""
    scope = scope_of(user, Right.BASES_VIEW)
    return queries.search(scope, text=text, mis=mis, is_active=is_active, connection=connection)
