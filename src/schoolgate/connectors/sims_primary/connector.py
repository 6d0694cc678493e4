"""SIMS Primary as a connector: what this folder declares, and how its sources are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from schoolgate.connectors.connector import Said
from schoolgate.connectors.declarations import (
    Allowance,
    Assumption,
    ConnectionSetting,
    ShippedMapping,
    TestOutcome,
    Words,
)
from schoolgate.connectors.errors import Wording
from schoolgate.connectors.port import Credentials, FieldOverride, Habits, Limiter, Source
from schoolgate.connectors.sims_primary.assumptions import ASSUMPTIONS, check_value, settings_with
from schoolgate.connectors.sims_primary.client import SimsPrimaryClient
from schoolgate.connectors.sims_primary.connection import CONNECTION_SETTINGS, connection_of
from schoolgate.connectors.sims_primary.connection_test import test_connection
from schoolgate.connectors.sims_primary.description import described
from schoolgate.connectors.sims_primary.mapping import overridden, shipped_mapping, with_overrides
from schoolgate.connectors.sims_primary.problems import SimsPrimaryProblem
from schoolgate.connectors.sims_primary.source import SimsPrimarySource
from schoolgate.connectors.sims_primary.words import LABEL, WORDS

DATA_TYPES = frozenset({"snapshot", "changed_data", "attendance_changed_data"})


class SimsPrimary:
    """The connector of SIMS Primary."""

    mis = "sims_primary"
    label = LABEL
    connection_settings: Sequence[ConnectionSetting] = CONNECTION_SETTINGS
    assumptions: Sequence[Assumption] = ASSUMPTIONS
    data_types = DATA_TYPES
    problems: Mapping[str, Wording] = SimsPrimaryProblem.wordings
    words: Words = WORDS

    def habits(self, said: Said) -> Habits:
        """Its settings as those who read it need to know them. Raises UnusableSettingError."""
        return settings_with(said)

    def check(self, name: str, value: str) -> None:
        """Refuse a value that a setting can't have, and a setting there is not (UnusableSettingError)."""
        check_value(name, value)

    def check_field(self, override: FieldOverride) -> None:
        """Refuse an override that the mapping does not know (MappingError)."""
        with_overrides(shipped_mapping(), [override])

    def mapping(self) -> ShippedMapping:
        """The mapping that ships, for a person to read."""
        return described(shipped_mapping())

    def allowance(self, credentials: Credentials, *, said: Said) -> Allowance:
        """The limit is the integrator's: everybody who uses one subscription key at one address shares it."""
        settings, connection = settings_with(said), connection_of(credentials)
        return Allowance(
            address=connection.api_url or settings.api_url,
            shared_by=connection.subscription_key,
            calls_per_second=settings.calls_per_second,
        )

    def source(
        self,
        *,
        credentials: Credentials,
        limiter: Limiter,
        said: Said,
        fields: Iterable[FieldOverride] = (),
    ) -> Source:
        """The source of a base; the caller closes it. Raises UnusableSettingError."""
        client = SimsPrimaryClient(
            credentials=connection_of(credentials), settings=settings_with(said), limiter=limiter
        )
        return SimsPrimarySource(client=client, mapping=overridden(tuple(fields)))

    def test(self, credentials: Credentials, *, limiter: Limiter, said: Said) -> TestOutcome:
        """Try a connection. Raises UnusableSettingError."""
        return test_connection(connection_of(credentials), settings=settings_with(said), limiter=limiter)


SIMS_PRIMARY = SimsPrimary()
