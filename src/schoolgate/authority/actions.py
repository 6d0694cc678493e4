"""Sets up the authority and changes its System defaults."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.authority.defaults import Value, checked
from schoolgate.authority.models import Authority, SystemDefault
from schoolgate.authority.queries import defaults

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
def set_defaults(values: Mapping[str, object], *, by: int | None, now: datetime) -> tuple[str, ...]:
    """Changes System defaults; answers which of them really changed, each of which is audited.

    Refuses a value out of range (``UnusableDefaultError``), and then changes nothing.
    """
    before = msgspec.structs.asdict(defaults())
    wanted = {name: checked(name, value) for name, value in values.items()}
    changed = tuple(name for name, value in wanted.items() if before[name] != value)
    for name in changed:
        _keep(name, wanted[name], by=by, now=now)
        details = {"name": name, "before": before[name], "after": wanted[name]}
        record_event("authority.default.changed", now=now, user_id=by, details=details)
    return changed


def _keep(name: str, value: Value, *, by: int | None, now: datetime) -> None:
    if name == "buffer_minutes":
        # It has a column of its own since the first release, which may still be running beside this one.
        Authority.objects.filter(pk=1).update(buffer_minutes=value)
    else:
        kept = {"value": value, "changed_at": now, "changed_by": by}
        SystemDefault.objects.update_or_create(name=name, defaults=kept)
