"""How far a person sees: every base of the authority, or some; and nothing without the right.

A scope is the first thing every question of a face says. What lies outside it is answered as if it did not
exist, so that a wrong id and a forbidden id look the same to somebody who holds the right, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

import msgspec
from django.db.models import Model, QuerySet

from schoolgate.accounts.rights import Person, Right, may

Row = TypeVar("Row", bound=Model)


class Scope(msgspec.Struct, frozen=True):
    """The bases somebody may see. ``None`` is every base, also those that are added later."""

    base_ids: frozenset[int] | None

    @property
    def is_limited(self) -> bool:
        """Whether there may be bases outside it."""
        return self.base_ids is not None

    @property
    def listed(self) -> list[int] | None:
        """The bases for a statement of SQL; null is every base."""
        return None if self.base_ids is None else sorted(self.base_ids)

    def may_see(self, base_id: int | None) -> bool:
        """Whether a base is inside. What belongs to no base is everybody's who sees everything."""
        return self.base_ids is None or base_id in self.base_ids

    def narrow(self, rows: QuerySet[Row], by: str = "base_id") -> QuerySet[Row]:
        """The rows of the bases inside; ``by`` leads from a row to its base."""
        return rows if self.base_ids is None else rows.filter(**{f"{by}__in": self.base_ids})

    def within(self, base_ids: Iterable[int]) -> list[int]:
        """Those of some bases that are inside, in the order given."""
        return [base_id for base_id in base_ids if self.may_see(base_id)]

    def narrowed(self, base_ids: Collection[int] | None) -> Collection[int] | None:
        """Some bases, or with ``None`` all, as far as they are inside; ``None`` is every base there is."""
        return self.listed if base_ids is None else self.within(base_ids)


EVERYTHING = Scope(None)
"""What the service itself sees, and an officer who is not limited."""
NOTHING = Scope(frozenset())
"""What somebody without the right sees."""


def scope_of(person: Person, right: Right | str) -> Scope:
    """What a person sees where a right is asked for. Costs no query: the limit stands in the person's row.

    Somebody of whom it isn't known how far they see, sees nothing.
    """
    if not may(person, right):
        return NOTHING
    limited_to = getattr(person, "limited_to", ())
    return EVERYTHING if limited_to is None else Scope(frozenset(limited_to))
