"""Who this installation serves, and its System defaults."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from schoolgate.audit.models import Event
from schoolgate.authority.academic_years import FIRST_OF_SEPTEMBER, YearStart
from schoolgate.authority.defaults import BY_NAME, Defaults
from schoolgate.authority.models import Authority, SystemDefault
from schoolgate.lib.convert import converter


class NoAuthorityError(Exception):
    """The installation has not been told which local authority it serves."""

    code = "authority.missing"
    sentence = "This installation does not know yet which local authority it serves."
    remedy = "Tell it the authority's name and three-digit number first."

    def __init__(self) -> None:
        super().__init__(f"{self.sentence} {self.remedy}")


DEFAULT_BUFFER = timedelta(minutes=60)
_defaults_from = converter(Defaults)


def served() -> Authority | None:
    """The authority of this installation, or ``None`` before it is set up."""
    return Authority.objects.first()


def buffer() -> timedelta:
    """How late a run may be before it counts as missed."""
    found = served()
    return timedelta(minutes=found.buffer_minutes) if found else DEFAULT_BUFFER


class DefaultChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a System default, and who made it when."""

    name: str
    before: Any
    after: Any
    at: datetime
    user_id: int | None


def default_changes(*, limit: int) -> list[DefaultChange]:
    """The newest changes of System defaults, newest first."""
    found = Event.objects.filter(name="authority.default.changed").order_by("-id")[:limit]
    return [DefaultChange(**each.details, at=each.at, user_id=each.user_id) for each in found]


def the() -> Authority:
    """The authority of this installation; refuses with :class:`NoAuthorityError` while there is none."""
    found = Authority.objects.first()
    if found is None:
        raise NoAuthorityError
    return found


def academic_year_start() -> YearStart:
    """Month and day on which the authority's academic years begin; 1 September while there is no authority.

    One short query. See :mod:`schoolgate.authority.academic_years` for what is made of it.
    """
    found = Authority.objects.values_list("academic_year_starts_month", "academic_year_starts_day").first()
    return found or FIRST_OF_SEPTEMBER


def defaults() -> Defaults:
    """Every System default as it is set. Two short queries."""
    kept: dict[str, Any] = dict(SystemDefault.objects.values_list("name", "value"))
    values = {name: value for name, value in kept.items() if name in BY_NAME}
    buffer_minutes = Authority.objects.values_list("buffer_minutes", flat=True).first()
    if buffer_minutes is not None:
        values["buffer_minutes"] = buffer_minutes
    return _defaults_from(values)
