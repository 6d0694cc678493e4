"""Sets up the authority and changes its System defaults."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.authority.models import Authority

LA_NUMBER_LENGTH = 3


class UnusableLaNumberError(ValueError):
    """An LA number is three digits."""


@transaction.atomic
def ensure_authority(
    *, la_number: str, name: str, is_demo: bool = False, by: int | None = None, now: datetime
) -> Authority:
    """Makes the one authority of this installation, or answers the one that is there, unchanged."""
    if len(la_number) != LA_NUMBER_LENGTH or not la_number.isdecimal():
        raise UnusableLaNumberError("An LA number is three digits, for example 820.")
    made, is_new = Authority.objects.get_or_create(
        pk=1, defaults={"la_number": la_number, "name": name, "is_demo": is_demo}
    )
    if is_new:
        record_event("authority.authority.created", now=now, user_id=by, details={"la_number": la_number})
    return made


@transaction.atomic
def edit_buffer(*, buffer_minutes: int, by: int | None, now: datetime) -> None:
    """How many minutes a due run may be late before it counts as missed."""
    Authority.objects.filter(pk=1).update(buffer_minutes=buffer_minutes)
    record_event("authority.buffer.edited", now=now, user_id=by, details={"buffer_minutes": buffer_minutes})
