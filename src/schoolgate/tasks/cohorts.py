"""For whom a task collects: the cohort filters of the seed's Data Filter Details, as one plain value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from schoolgate.lib.convert import converter
from schoolgate.tasks.refusals import RefusedError
from schoolgate_message.data_types import DataType

NC_YEARS = ("N1", "N2", "R", *(str(year) for year in range(1, 15)))
"""National Curriculum Years a task can be narrowed to."""
LEAVER_MONTHS = range(1, 14)
"""How many months back leavers' attendance may be asked for (handbook: high values only now and then)."""
WITH_LEAVERS = frozenset({DataType.SNAPSHOT.value, *(each.value for each in DataType if each.is_attendance)})
"""What takes the Leavers filter (handbook: attendance and snapshot)."""
WITH_SEND = frozenset({DataType.SNAPSHOT.value, DataType.CHANGED_DATA.value})
LONGEST_WORDS = 100


class Cohort(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose data, and which of it, a task or a run is about.

    No year ticked means everybody, pupils outside the National Curriculum Years included.
    ``is_leavers`` asks for leavers alone, and of them only those whose leaving details were landed by a
    task for everybody else before; ``leaver_months`` narrows their attendance to those who left so many
    months ago at most. ``is_historic_send_left_out`` drops old SEND records that were never closed.
    """

    nc_years: tuple[str, ...] = ()
    is_looked_after_only: bool = False
    is_leavers: bool = False
    leaver_months: int | None = None
    is_historic_send_left_out: bool = False

    @property
    def is_everybody(self) -> bool:
        """Whether nobody is filtered out, so that the roll read is the whole roll."""
        return not (self.nc_years or self.is_looked_after_only or self.is_leavers)

    @property
    def is_changing(self) -> bool:
        """Whether who belongs to it can change while the roll stays the same."""
        return self.is_looked_after_only or self.is_leavers

    @property
    def words(self) -> str:
        """The cohort as the task log shows it: All, or what narrows it."""
        parts = [f"NCY {', '.join(self.nc_years)}"] if self.nc_years else []
        if self.is_looked_after_only:
            parts.append("Looked After")
        if self.is_leavers:
            months = f", {self.leaver_months} months" if self.leaver_months else ""
            parts.append(f"Leavers{months}")
        return ("; ".join(parts) or "All")[:LONGEST_WORDS]

    @property
    def key(self) -> str:
        """What a page read for this cohort is remembered by; the same for the same filters."""
        parts = ["-".join(sorted(self.nc_years)) or "all"]
        parts += ["lac"] if self.is_looked_after_only else []
        parts += [f"left{self.leaver_months or ''}"] if self.is_leavers else []
        parts += ["newsend"] if self.is_historic_send_left_out else []
        return "+".join(parts)

    def filters(self) -> dict[str, Any]:
        """All but the years, as a run keeps them; empty where nothing is filtered."""
        kept: dict[str, Any] = msgspec.to_builtins(self)
        kept.pop("nc_years", None)
        return kept


_cohort = converter(Cohort)


def cohort_from(nc_years: tuple[str, ...] | list[str], filters: Mapping[str, Any]) -> Cohort:
    """A run's cohort from the two columns it is kept in."""
    return _cohort({**filters, "nc_years": tuple(nc_years)})


def check_cohort(cohort: Cohort, *, data_type: str) -> None:
    """Refuses years that do not exist, and filters that this data type does not take."""
    check_nc_years(cohort.nc_years)
    if cohort.is_leavers and data_type not in WITH_LEAVERS:
        raise RefusedError(
            "tasks.leavers",
            "Leavers can't be collected with this data type.",
            "Choose a snapshot or an attendance data type, or leave Leavers unticked.",
            field="is_leavers",
        )
    if cohort.leaver_months is not None:
        _check_months(cohort, data_type=data_type)
    if cohort.is_historic_send_left_out and data_type not in WITH_SEND:
        raise RefusedError(
            "tasks.historic_send",
            "This data type carries no SEND records to leave out.",
            "Leave Historic SEND as it is, or choose Snapshot Data or Changed Data.",
            field="is_historic_send_left_out",
        )


def _check_months(cohort: Cohort, *, data_type: str) -> None:
    if not cohort.is_leavers or not DataType(data_type).is_attendance:
        raise RefusedError(
            "tasks.leaver_months",
            "The month filter is for leavers' attendance.",
            "Tick Leavers and choose an attendance data type, or leave the month filter empty.",
            field="leaver_months",
        )
    if cohort.leaver_months not in LEAVER_MONTHS:
        raise RefusedError(
            "tasks.leaver_months",
            "The month filter is not between 1 and 13.",
            "Enter a number of months from 1 to 13.",
            field="leaver_months",
        )


def check_nc_years(nc_years: tuple[str, ...] | list[str]) -> None:
    """Refuses years that do not exist."""
    unknown = [year for year in nc_years if year not in NC_YEARS]
    if unknown:
        raise RefusedError(
            "tasks.nc_years",
            f"{unknown[0]} is not a curriculum year.",
            "Tick years from N1 to 14, or none for all.",
            field="nc_years",
        )
