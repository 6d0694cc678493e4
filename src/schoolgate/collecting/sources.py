"""Makes a base's source: its credentials, the officers' settings and mapping, the shared limiter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
from django.db import connection

from schoolgate.bases.models import Base
from schoolgate.bases.queries import credentials_for
from schoolgate.collecting.limiter import PostgresLimiter, key_for
from schoolgate.connectors import registry
from schoolgate.connectors.port import Credentials, FieldOverride, Habits, Source
from schoolgate.connectors.registry import NoConnectorError, SourceSettings, TestOutcome

_OFFICERS_SETTINGS = (Path(__file__).parent / "sql" / "officers_settings.sql").read_text(encoding="utf-8")
_settings_from = msgspec.json.Decoder(dict[str, str]).decode
_limits_from = msgspec.json.Decoder(dict[str, float]).decode
_fields_from = msgspec.json.Decoder(tuple[FieldOverride, ...]).decode


class OfficersSettings(msgspec.Struct, frozen=True):
    """What officers have set about sources: a connector's settings, calls a second by address, fields."""

    settings: dict[str, str]
    limits: dict[str, float]
    fields: tuple[FieldOverride, ...]


def officers_settings() -> OfficersSettings:
    """Everything officers have set about sources, as it is now. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_OFFICERS_SETTINGS)
        settings, limits, fields = cursor.fetchone()
    return OfficersSettings(_settings_from(settings), _limits_from(limits), _fields_from(fields))


def source_of(base: Base, *, ask: Callable[[], OfficersSettings] = officers_settings) -> Source:
    """The base's source; whoever asks for it closes it. Raises NoConnectionError and NoConnectorError.

    ``ask`` answers what officers have set, for one who has read it already.
    """
    said = ask()
    settings = registry.settings_for(base.mis, said.settings)
    credentials = credentials_for(base.pk)
    return registry.source_for(
        base.mis,
        credentials=credentials,
        limiter=limiter_for(credentials, settings, said),
        settings=settings,
        fields=said.fields,
    )


def reach_of(base: Base, *, ask: Callable[[], OfficersSettings] = officers_settings) -> timedelta | None:
    """How far back the base's source answers for what changed; ``None`` for a MIS without connector."""
    try:
        settings = registry.settings_for(base.mis, ask().settings)
    except NoConnectorError:
        return None
    return timedelta(days=settings.reach_back_days)


def try_connection(base: Base, *, mis: str = "") -> TestOutcome:
    """Test a base's connection with its settings and within the limit. Raises as ``source_of`` does.

    ``mis`` is the one the settings are for, where the base has not moved to it yet.
    """
    said = officers_settings()
    settings = registry.settings_for(mis or base.mis, said.settings)
    credentials = credentials_for(base.pk)
    return registry.tested(
        mis or base.mis, credentials, settings=settings, limiter=limiter_for(credentials, settings, said)
    )


def limiter_for(
    credentials: Credentials, settings: SourceSettings, said: OfficersSettings
) -> PostgresLimiter:
    """The limiter that everybody shares who uses this subscription key at this address."""
    api_url = credentials.api_url or settings.api_url
    return PostgresLimiter(
        key_for(api_url=api_url, subscription_key=credentials.subscription_key),
        calls_per_second=said.limits.get(plain_url(api_url), settings.calls_per_second),
    )


def overlap_of(settings: Habits) -> timedelta:
    """By how much the source is asked from before "since"."""
    return timedelta(seconds=settings.overlap_seconds)


def plain_url(url: str) -> str:
    """An address as limits are kept by it."""
    return url.strip().rstrip("/").lower()
