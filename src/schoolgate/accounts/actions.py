"""Adds people and changes what they may do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from schoolgate.accounts.models import Role, SharedCount, User
from schoolgate.audit.actions import record_event


@transaction.atomic
def add_person(
    *,
    email: str,
    name: str,
    role: Role,
    password: str,
    is_demo: bool = False,
    by: int | None,
    now: datetime,
) -> User:
    """Adds a person by e-mail address, or brings the one who has it to this name, role and password."""
    person = User.objects.filter(email__iexact=email).first() or User(username=email.lower())
    person.email = email.lower()
    person.first_name, _, person.last_name = name.partition(" ")
    person.role = role
    person.is_demo = is_demo
    person.is_active = True
    person.set_password(password)
    person.save()
    details = {"role": role.value}
    record_event("accounts.person.added", now=now, user_id=by, subject_id=person.pk, details=details)
    return person


@transaction.atomic
def limit_person(user_id: int, *, base_ids: Collection[int] | None, by: int | None, now: datetime) -> None:
    """Lets a person see these bases alone, from the next request on; ``None`` lifts the limit.

    Without a single base the person sees none: what is left when the last one goes is never everything.
    """
    limited_to = None if base_ids is None else sorted(set(base_ids))
    User.objects.filter(pk=user_id).update(limited_to=limited_to)
    details = {"bases": "all" if limited_to is None else limited_to}
    record_event("accounts.person.limited", now=now, user_id=by, subject_id=user_id, details=details)


def forget_counts(*, now: datetime) -> int:
    """Deletes what was counted of attempts to sign in and has expired; answers how many counts that were."""
    return SharedCount.objects.filter(expires__lt=now).delete()[0]
