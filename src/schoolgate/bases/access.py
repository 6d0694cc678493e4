"""The only way a page gets a base for a person: a wrong id and a forbidden id look the same."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.bases.models import Base


def bases_for(user: Person) -> QuerySet[Base]:
    """The bases this person may see: all for the authority's people, none for anybody else."""
    return Base.objects.all() if may(user, Right.BASES_VIEW) else Base.objects.none()


def base_for(user: Person, base_id: int) -> Base:
    """One base this person may see, with its connections; anything else is not found."""
    found = bases_for(user).prefetch_related("connections").filter(pk=base_id).first()
    if found is None:
        raise Http404
    return found
