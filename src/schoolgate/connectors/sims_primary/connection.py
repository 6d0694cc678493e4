"""What a base's connection to SIMS Primary is made of: the four settings and two addresses."""

from __future__ import annotations

import msgspec

from schoolgate.connectors.declarations import ConnectionSetting
from schoolgate.connectors.port import Credentials

CONNECTION_SETTINGS: tuple[ConnectionSetting, ...] = (
    ConnectionSetting(name="client_id", label="Client ID", longest=200),
    ConnectionSetting(name="secret", label="Secret", is_secret=True, longest=500),
    ConnectionSetting(name="subscription_key", label="Subscription Key", is_secret=True, longest=500),
    ConnectionSetting(name="organisation_id", label="Organisation ID", longest=60),
    ConnectionSetting(
        name="token_url",
        label="Address of the token service",
        help="Leave empty for SIMS ID's own.",
        is_required=False,
        is_address=True,
    ),
    ConnectionSetting(
        name="api_url",
        label="Address of the SIMS Primary API",
        help="Leave empty for the supplier's own.",
        is_required=False,
        is_address=True,
    ),
)


class SimsPrimaryConnection(msgspec.Struct, frozen=True, kw_only=True):
    """A base's connection, opened; an empty address is the connector's default.

    Its representation tells nothing, so that it can't end up in a log.
    """

    client_id: str
    secret: str
    subscription_key: str
    organisation_id: str
    token_url: str = ""
    api_url: str = ""
    version: int = 1

    def __repr__(self) -> str:
        return f"SimsPrimaryConnection(version={self.version})"


def connection_of(credentials: Credentials) -> SimsPrimaryConnection:
    """The connection as this connector reads it; what is not there is empty, and refused by the source."""
    named = {each.name: credentials.values.get(each.name, "") for each in CONNECTION_SETTINGS}
    return SimsPrimaryConnection(**named, version=credentials.version)
