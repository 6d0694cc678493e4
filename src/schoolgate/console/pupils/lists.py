"""Lists of pupils, and what stands at the head of a pupil's page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from schoolgate.accounts.rights import Person
from schoolgate.bases.access import Base, bases_by_id_for
from schoolgate.console import words
from schoolgate.lib.folding import sort_key
from schoolgate.pages.words import day
from schoolgate.pupils.access import HeldGroup, PupilLine, lines_for
from schoolgate_message.blocks import Row


@dataclass(frozen=True, kw_only=True)
class PupilRow:
    """One pupil in a list."""

    pupil_id: int
    name: str
    date_of_birth: str
    upn: str
    year: str
    bases: list[str]


def rows_of(user: Person, pupil_ids: Collection[int], *, today: date) -> list[PupilRow]:
    """The pupils in the order given, as somebody may see them; few queries whatever their number."""
    lines = lines_for(user, pupil_ids, today=today)
    bases = bases_by_id_for(user, {base_id for line in lines for base_id in line.base_ids})
    return [_row(line, bases) for line in lines]


def _row(line: PupilLine, bases: dict[int, Base]) -> PupilRow:
    return PupilRow(
        pupil_id=line.pupil_id,
        name=", ".join(part for part in (line.family_name, line.given_name) if part) or "No name held",
        date_of_birth=day(line.date_of_birth),
        upn=line.upn,
        year=words.nc_year(line.nc_year),
        bases=sorted({bases[base_id].name for base_id in line.base_ids if base_id in bases}, key=sort_key),
    )


@dataclass(frozen=True, kw_only=True)
class Head:
    """What stands at the top of a pupil's page; ``flags`` are few words each."""

    name: str
    upn: str
    date_of_birth: str
    year: str
    bases: list[tuple[int, str]]
    flags: list[str]


def head_of(record: Collection[HeldGroup], bases: dict[int, Base], *, today: date) -> Head:
    """From the record itself, without a query. A pupil is on roll up to the day of leaving, that included."""
    one = {held.group.name: held.content for held in record if isinstance(held.content, dict)}
    details, identifiers = one.get("basic_details", {}), one.get("identifiers", {})
    current = [
        (held.base_id, row)
        for held in record
        if held.group.name == "enrolments" and isinstance(held.content, list)
        for row in held.content
        if str(row.get("leaving_on", today)) >= str(today)
    ]
    name = " ".join(str(details[key]) for key in ("given_name", "family_name") if key in details)
    return Head(
        name=name or "No name held",
        upn=str(identifiers.get("upn", "")),
        date_of_birth=str(details.get("date_of_birth", "")),
        year=words.nc_year(next((str(row["nc_year"]) for _, row in current if "nc_year" in row), "")),
        bases=sorted(
            {(base_id, bases[base_id].name) for base_id, _ in current if base_id in bases},
            key=lambda base: sort_key(base[1]),
        ),
        flags=_flags(record, one),
    )


def _flags(record: Collection[HeldGroup], one: dict[str, Row]) -> list[str]:
    open_rows = {
        held.group.name
        for held in record
        if isinstance(held.content, list) and any("end_on" not in row for row in held.content)
    }
    found = []
    provisions = [
        row
        for held in record
        if held.group.name == "sen_provisions" and isinstance(held.content, list)
        for row in held.content
        if "end_on" not in row and row.get("provision") != "N"
    ]
    if provisions:
        found.append("SEN")
    if "free_school_meals" in open_rows:
        found.append("Free school meals")
    if one.get("looked_after", {}).get("in_care") is True:
        found.append("Looked after")
    if one.get("service_child", {}).get("service_child") == "Y":
        found.append("Service child")
    if str(one.get("young_carer", {}).get("young_carer", "N")) not in {"N", ""}:
        found.append("Young carer")
    return found
