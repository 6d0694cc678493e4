"""Makes a base's source: its credentials, the officers' settings and mapping, the shared limiter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
from django.conf import settings
from django.db import connection

from schoolgate.bases.models import Base
from schoolgate.bases.queries import credentials_for
from schoolgate.collecting.limiter import PostgresLimiter, key_for
from schoolgate.connectors import registry
from schoolgate.connectors.connector import Connector
from schoolgate.connectors.declarations import Allowance, TestOutcome
from schoolgate.connectors.errors import UnusableSettingError
from schoolgate.connectors.port import FieldOverride, Source
from schoolgate.connectors.registry import NoConnectorError

_OFFICERS_SETTINGS = (Path(__file__).parent / "sql" / "officers_settings.sql").read_text(encoding="utf-8")
_settings_from = msgspec.json.Decoder(dict[str, str]).decode
_limits_from = msgspec.json.Decoder(dict[str, float]).decode
_fields_from = msgspec.json.Decoder(tuple[FieldOverride, ...]).decode


class OfficersSettings(msgspec.Struct, frozen=True):
    """What is said about a MIS's sources: its connector's settings, calls a second by address, fields.

    The settings are those of officers, and of the operator what is the operator's to set.
    """

    settings: dict[str, str]
    limits: dict[str, float]
    fields: tuple[FieldOverride, ...]


def officers_settings(mis: str) -> OfficersSettings:
    """Everything that is said about the sources of a MIS, as it is now. One statement.

    Raises NoConnectorError.
    """
    operators = operators_settings(registry.of(mis))
    with connection.cursor() as cursor:
        cursor.execute(_OFFICERS_SETTINGS, {"mis": mis})
        said, limits, fields = cursor.fetchone()
    return OfficersSettings(_settings_from(said) | operators, _limits_from(limits), _fields_from(fields))


def operators_settings(connector: Connector) -> dict[str, str]:
    """What whoever runs the server has set of a connector; what is not set has its default."""
    hosts = settings.SOURCE_HOSTS.get(connector.mis, "")
    return {each.name: hosts for each in connector.assumptions if each.is_operators and hosts}


def source_of(base: Base, *, ask: Callable[[str], OfficersSettings] = officers_settings) -> Source:
    """The base's source; whoever asks for it closes it.

    ``ask`` answers what is said about the sources of a MIS, for one who has read it already. Raises
    NoConnectionError, NoConnectorError and UnusableSettingError.
    """
    connector = registry.of(base.mis)
    said = ask(base.mis)
    credentials = credentials_for(base.pk, mis=base.mis)
    return connector.source(
        credentials=credentials,
        limiter=limiter_for(connector.allowance(credentials, said=said.settings), said),
        said=said.settings,
        fields=said.fields,
    )


def reach_of(base: Base, *, ask: Callable[[str], OfficersSettings] = officers_settings) -> timedelta | None:
    """How far back the base's source answers for what changed; ``None`` for a MIS without connector."""
    try:
        return registry.reach_back(base.mis, ask(base.mis).settings)
    except (NoConnectorError, UnusableSettingError):  # collecting tells the officer
        return None


def try_connection(base: Base, *, mis: str = "") -> TestOutcome:
    """Test a base's connection with its settings and within the limit. Raises as ``source_of`` does.

    ``mis`` is the one the settings are for, where the base has not moved to it yet.
    """
    connector = registry.of(mis or base.mis)
    said = officers_settings(connector.mis)
    credentials = credentials_for(base.pk, mis=connector.mis)
    limiter = limiter_for(connector.allowance(credentials, said=said.settings), said)
    return connector.test(credentials, limiter=limiter, said=said.settings)


def limiter_for(allowance: Allowance, said: OfficersSettings) -> PostgresLimiter:
    """The limiter of everybody who shares an allowance, at the pace that officers gave its address."""
    return PostgresLimiter(
        key_for(address=allowance.address, shared_by=allowance.shared_by),
        calls_per_second=said.limits.get(plain_url(allowance.address), allowance.calls_per_second),
    )


def plain_url(url: str) -> str:
    """An address as limits are kept by it."""
    return url.strip().rstrip("/").lower()
