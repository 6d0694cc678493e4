"""The mapping as lines of a table: domain, item, field, how sure we are, and what was overridden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schoolgate.collecting.access import MappingOverride
from schoolgate.connectors.registry import DomainMap, FieldMap, SourceMapping, field_map
from schoolgate.console import words


@dataclass(frozen=True, kw_only=True)
class Line:
    """One data item of one domain; the override, if any, stands beside what ships."""

    group: str
    group_label: str
    item: str
    item_label: str
    shipped: str
    is_stated: bool
    override: MappingOverride | None
    overridden: str


@dataclass(frozen=True, kw_only=True)
class Domain:
    """One domain of the source with its lines."""

    name: str
    address: str
    is_stated: bool
    has_changes: bool
    lines: list[Line]


def domains_of(mapping: SourceMapping, overrides: Iterable[MappingOverride]) -> list[Domain]:
    """Every domain that feeds data groups, in the order of the mapping."""
    by_place = {(each.domain, each.group, each.item): each for each in overrides}
    return [_domain(name, domain, by_place) for name, domain in mapping.domains.items()]


def _domain(name: str, domain: DomainMap, by_place: dict[tuple[str, str, str], MappingOverride]) -> Domain:
    lines = []
    for group, fields in domain.groups.items():
        added = [
            item
            for (of, in_group, item) in by_place
            if of == name and in_group == group and item not in fields
        ]
        for item in [*fields, *added]:
            given = field_map(fields[item]) if item in fields else None
            lines.append(_line(domain, group, item, given, by_place.get((name, group, item))))
    return Domain(
        name=name,
        address=f"{domain.service}/{domain.version}/{name}",
        is_stated=domain.status == "stated",
        has_changes=domain.changes,
        lines=lines,
    )


def _line(
    domain: DomainMap, group: str, item: str, given: FieldMap | None, override: MappingOverride | None
) -> Line:
    return Line(
        group=group,
        group_label=words.group(group),
        item=item,
        item_label=words.item(group, item),
        shipped=in_words(given) if given else "left out",
        is_stated=given is not None and (given.status or domain.status) == "stated",
        override=override,
        overridden=in_words(override) if override else "",
    )


def in_words(given: FieldMap | MappingOverride) -> str:
    """`LegalSurname`; `Reasons, the 2nd`; `always "ENG"`; `left out`."""
    if given.constant:
        return f"always “{given.constant}”"
    if not given.field:
        return "left out"
    said = given.field
    if given.position:
        said += f", number {given.position} of the list"
    return f"{said}, in our codes" if given.words else said


def fixed_places(mapping: SourceMapping) -> list[tuple[str, str, bool]]:
    """What is read beside the data groups: roll, year groups, sessions, marks, codes; and how sure we are."""
    named = (
        ("Roll", mapping.roll),
        ("Year groups", mapping.year_groups),
        ("School sessions", mapping.sessions),
        ("Marks", mapping.attendance),
    )
    found = [
        (label, f"{each.service}/{each.version}/{each.domain}", each.status == "stated")
        for label, each in named
    ]
    return [
        *found,
        ("Attendance codes", mapping.attendance_codes.path, mapping.attendance_codes.status == "stated"),
    ]
