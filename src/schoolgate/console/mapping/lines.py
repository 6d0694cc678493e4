"""The mapping as lines of a table: domain, item, field, how sure we are, and what was overridden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from schoolgate.connectors.declarations import ShippedDomain, ShippedItem, ShippedMapping, Standing
from schoolgate.console import words


class From(Protocol):
    """Where a data item comes from: a field, perhaps by words of ours or a place in a list, or a constant."""

    @property
    def field(self) -> str: ...
    @property
    def words(self) -> str: ...
    @property
    def position(self) -> int: ...
    @property
    def constant(self) -> str: ...


class Override(From, Protocol):
    """Where a data item comes from by an administrator's word."""

    @property
    def pk(self) -> int: ...
    @property
    def domain(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def item(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Line:
    """One data item of one domain; the override, if any, stands beside what ships."""

    group: str
    group_label: str
    item: str
    item_label: str
    shipped: str
    is_stated: bool
    override: Override | None
    overridden: str


@dataclass(frozen=True, kw_only=True)
class Domain:
    """One domain of the source with its lines."""

    name: str
    address: str
    is_stated: bool
    has_changes: bool
    lines: list[Line]


def domains_of(mapping: ShippedMapping, overrides: Iterable[Override]) -> list[Domain]:
    """Every domain that feeds data groups, in the order of the mapping."""
    by_place = {(each.domain, each.group, each.item): each for each in overrides}
    return [_domain(each, by_place) for each in mapping.domains]


def _domain(domain: ShippedDomain, by_place: Mapping[tuple[str, str, str], Override]) -> Domain:
    lines = []
    for group in domain.groups:
        shipped = {each.item: each for each in domain.items if each.group == group}
        added = [
            item
            for (of, in_group, item) in by_place
            if of == domain.name and in_group == group and item not in shipped
        ]
        lines += [
            _line(group, item, shipped.get(item), by_place.get((domain.name, group, item)))
            for item in [*shipped, *added]
        ]
    return Domain(
        name=domain.name,
        address=domain.address,
        is_stated=domain.standing is Standing.STATED,
        has_changes=domain.has_changes,
        lines=lines,
    )


def _line(group: str, item: str, shipped: ShippedItem | None, override: Override | None) -> Line:
    return Line(
        group=group,
        group_label=words.group(group),
        item=item,
        item_label=words.item(group, item),
        shipped=in_words(shipped.source) if shipped else "left out",
        is_stated=shipped is not None and shipped.standing is Standing.STATED,
        override=override,
        overridden=in_words(override) if override else "",
    )


def in_words(given: From) -> str:
    """`LegalSurname`; `Reasons, the 2nd`; `always "ENG"`; `left out`."""
    if given.constant:
        return f"always “{given.constant}”"
    if not given.field:
        return "left out"
    said = given.field
    if given.position:
        said += f", number {given.position} of the list"
    return f"{said}, in our codes" if given.words else said


def fixed_places(mapping: ShippedMapping) -> list[tuple[str, str, bool]]:
    """What is read beside the data groups: roll, year groups, sessions, marks, codes; and how sure we are."""
    return [(each.label, each.address, each.standing is Standing.STATED) for each in mapping.places]
