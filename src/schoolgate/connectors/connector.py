"""What a vendor's folder offers to the rest of the house: its declarations, and sources made from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

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

Said = Mapping[str, str]
"""Settings of a connector as an administrator or the operator gave them, as text, by name."""


class Connector(Protocol):
    """One vendor. It keeps nothing; ``said`` and ``fields`` are handed in by those who keep them."""

    @property
    def mis(self) -> str:
        """The MIS it collects from, as bases have it."""

    @property
    def label(self) -> str:
        """The MIS as people call it."""

    @property
    def connection_settings(self) -> Sequence[ConnectionSetting]:
        """What a base's connection is made of, in the order in which it is asked for."""

    @property
    def assumptions(self) -> Sequence[Assumption]:
        """What it takes for granted of its source."""

    @property
    def data_types(self) -> frozenset[str]:
        """The data types it can collect."""

    @property
    def problems(self) -> Mapping[str, Wording]:
        """How each problem of its sources is told, by code."""

    @property
    def words(self) -> Words:
        """Its sentences."""

    def habits(self, said: Said) -> Habits:
        """Its settings as those who read it need to know them. Raises UnusableSettingError."""

    def check(self, name: str, value: str) -> None:
        """Refuse a value that a setting can't have, and a setting there is not (UnusableSettingError)."""

    def check_field(self, override: FieldOverride) -> None:
        """Refuse an override that its mapping does not know (MappingError)."""

    def mapping(self) -> ShippedMapping:
        """The mapping that ships, for a person to read."""

    def allowance(self, credentials: Credentials, *, said: Said) -> Allowance:
        """Who shares how many calls a second with a base of these credentials."""

    def source(
        self,
        *,
        credentials: Credentials,
        limiter: Limiter,
        said: Said,
        fields: Iterable[FieldOverride] = (),
    ) -> Source:
        """The source of a base; the caller closes it. Raises UnusableSettingError."""

    def test(self, credentials: Credentials, *, limiter: Limiter, said: Said) -> TestOutcome:
        """Try a connection. Raises UnusableSettingError."""
