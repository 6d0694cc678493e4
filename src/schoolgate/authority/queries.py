"""Who this installation serves, and its System defaults."""

from __future__ import annotations

from typing import Any

import msgspec

from schoolgate.authority.academic_years import FIRST_OF_SEPTEMBER, YearStart
from schoolgate.authority.defaults import BY_NAME, Defaults
from schoolgate.authority.models import Authority, SystemDefault


class NoAuthorityError(Exception):
    """The installation has not been told which local authority it serves."""

    code = "authority.missing"
    sentence = "This installation does not know yet which local authority it serves."
    remedy = "Tell it the authority's name and three-digit number first."

    def __init__(self) -> None:
        super().__init__(f"{self.sentence} {self.remedy}")


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
    return msgspec.convert(values, Defaults)
