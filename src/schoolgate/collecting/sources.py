"""Makes a base's source: its credentials, the officers' settings and mapping, the shared limiter."""

from __future__ import annotations

from datetime import timedelta

from schoolgate.bases.models import Base
from schoolgate.bases.queries import credentials_for
from schoolgate.collecting.limiter import PostgresLimiter, key_for
from schoolgate.collecting.models import MappingOverride, SourceLimit, SourceSetting
from schoolgate.connectors import registry
from schoolgate.connectors.port import Credentials, FieldOverride, Habits, Source
from schoolgate.connectors.registry import SourceSettings, TestOutcome


def settings_of(base: Base, *, mis: str = "") -> SourceSettings:
    """The connector's settings as the officers have them."""
    overrides = dict(SourceSetting.objects.values_list("name", "value"))
    return registry.settings_for(mis or base.mis, overrides)


def source_of(base: Base) -> Source:
    """The base's source; whoever asks for it closes it. Raises NoConnectionError and NoConnectorError."""
    settings = settings_of(base)
    credentials = credentials_for(base.pk)
    return registry.source_for(
        base.mis,
        credentials=credentials,
        limiter=limiter_for(credentials, settings),
        settings=settings,
        fields=field_overrides(),
    )


def try_connection(base: Base, *, mis: str = "") -> TestOutcome:
    """Test a base's connection with its settings and within the limit. Raises as ``source_of`` does.

    ``mis`` is the one the settings are for, where the base has not moved to it yet.
    """
    settings = settings_of(base, mis=mis)
    credentials = credentials_for(base.pk)
    return registry.tested(
        mis or base.mis, credentials, settings=settings, limiter=limiter_for(credentials, settings)
    )


def limiter_for(credentials: Credentials, settings: Habits) -> PostgresLimiter:
    """The limiter that everybody shares who uses this subscription key at this address."""
    api_url = credentials.api_url or settings.api_url
    limit = SourceLimit.objects.filter(api_url=plain_url(api_url)).first()
    return PostgresLimiter(
        key_for(api_url=api_url, subscription_key=credentials.subscription_key),
        calls_per_second=settings.calls_per_second if limit is None else limit.calls_per_second,
    )


def field_overrides() -> list[FieldOverride]:
    """What officers said about fields otherwise than the shipped mapping does."""
    return [
        FieldOverride(
            domain=each.domain,
            group=each.group,
            item=each.item,
            field=each.field,
            words=each.words,
            position=each.position,
            constant=each.constant,
        )
        for each in MappingOverride.objects.order_by("domain", "group", "item")
    ]


def overlap_of(settings: Habits) -> timedelta:
    """By how much the source is asked from before "since"."""
    return timedelta(seconds=settings.overlap_seconds)


def plain_url(url: str) -> str:
    """An address as limits are kept by it."""
    return url.strip().rstrip("/").lower()
