"""Who is who."""

from __future__ import annotations

from collections.abc import Iterable

from schoolgate.accounts.models import User
from schoolgate.lib.folding import sort_key


def people() -> list[User]:
    """Everyone with an account, by name."""
    found = User.objects.order_by("email")
    return sorted(found, key=lambda user: (sort_key(user.last_name), sort_key(user.first_name)))


def names_of(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Names as shown beside what people did; whoever is unknown is left out."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    found = User.objects.filter(pk__in=wanted)
    return {person.pk: person.get_full_name() or person.email for person in found}
