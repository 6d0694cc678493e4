"""Which connector serves which MIS: the only module that names vendors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schoolgate.connectors.port import Credentials, FieldOverride, Limiter, Source
from schoolgate.connectors.sims_primary.client import SimsPrimaryClient
from schoolgate.connectors.sims_primary.connection_test import TestOutcome, test_connection
from schoolgate.connectors.sims_primary.mapping import (
    DomainMap,
    FieldMap,
    MappingError,
    SourceMapping,
    field_map,
    overridden,
    shipped_mapping,
    with_overrides,
)
from schoolgate.connectors.sims_primary.settings import SourceSettings, settings_with
from schoolgate.connectors.sims_primary.source import SimsPrimarySource

__all__ = [
    "DomainMap",
    "FieldMap",
    "MappingError",
    "NoConnectorError",
    "SourceMapping",
    "SourceSettings",
    "TestOutcome",
    "check_field",
    "field_map",
    "mapping_of",
    "settings_for",
    "source_for",
    "tested",
]

SIMS_PRIMARY = "sims_primary"


class NoConnectorError(Exception):
    """No connector collects from this MIS."""


def settings_for(mis: str, overrides: Mapping[str, str]) -> SourceSettings:
    """A connector's settings with an officer's own values."""
    _check(mis)
    return settings_with(overrides)


def source_for(
    mis: str,
    *,
    credentials: Credentials,
    limiter: Limiter,
    settings: SourceSettings,
    fields: Iterable[FieldOverride] = (),
) -> Source:
    """The source of a base of this MIS; the caller closes it."""
    _check(mis)
    client = SimsPrimaryClient(credentials=credentials, settings=settings, limiter=limiter)
    return SimsPrimarySource(client=client, mapping=overridden(tuple(fields)))


def check_field(mis: str, override: FieldOverride) -> None:
    """Refuse an override that the connector's mapping does not know (MappingError)."""
    _check(mis)
    with_overrides(shipped_mapping(), [override])


def mapping_of(mis: str) -> SourceMapping:
    """The mapping that ships for this MIS, for a person to read."""
    _check(mis)
    return shipped_mapping()


def tested(mis: str, credentials: Credentials, *, settings: SourceSettings, limiter: Limiter) -> TestOutcome:
    """Try a connection to this MIS."""
    _check(mis)
    return test_connection(credentials, settings=settings, limiter=limiter)


def _check(mis: str) -> None:
    if mis != SIMS_PRIMARY:
        raise NoConnectorError(mis)
