"""The mapping of SIMS Primary told in the house's words, for pages that know no vendor."""

from __future__ import annotations

import msgspec

from schoolgate.connectors.declarations import (
    ShippedDomain,
    ShippedField,
    ShippedItem,
    ShippedMapping,
    ShippedPlace,
    Standing,
)
from schoolgate.connectors.sims_primary.mapping import DomainMap, SourceMapping, field_map


def described(mapping: SourceMapping) -> ShippedMapping:
    """The whole mapping, domain by domain, in its own order."""
    return ShippedMapping(
        version=mapping.version,
        words=tuple(mapping.words),
        places=_places(mapping),
        domains=tuple(_domain(name, domain) for name, domain in mapping.domains.items()),
    )


def _domain(name: str, domain: DomainMap) -> ShippedDomain:
    return ShippedDomain(
        name=name,
        address=f"{domain.service}/{domain.version}/{name}",
        standing=_standing(domain.status),
        has_changes=domain.changes,
        groups=tuple(domain.groups),
        items=tuple(_item(domain, group, item) for group, fields in domain.groups.items() for item in fields),
    )


def _item(domain: DomainMap, group: str, item: str) -> ShippedItem:
    given = field_map(domain.groups[group][item])
    told = msgspec.structs.asdict(given)
    status = told.pop("status") or domain.status
    return ShippedItem(group=group, item=item, source=ShippedField(**told), standing=_standing(status))


def _places(mapping: SourceMapping) -> tuple[ShippedPlace, ...]:
    named = (
        ("Roll", mapping.roll),
        ("Year groups", mapping.year_groups),
        ("School sessions", mapping.sessions),
        ("Marks", mapping.attendance),
    )
    places = [
        ShippedPlace(
            label=label,
            address=f"{each.service}/{each.version}/{each.domain}",
            standing=_standing(each.status),
        )
        for label, each in named
    ]
    codes = mapping.attendance_codes
    places.append(
        ShippedPlace(label="Attendance codes", address=codes.path, standing=_standing(codes.status))
    )
    return tuple(places)


def _standing(status: str) -> Standing:
    return Standing(status)
