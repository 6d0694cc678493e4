"""Which connector serves which MIS: the only module that names vendors.

A vendor more is its folder, and here its import and its place in ``CONNECTORS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from schoolgate.connectors.connector import Connector
from schoolgate.connectors.sims_primary.connector import SIMS_PRIMARY

CONNECTORS: Mapping[str, Connector] = MappingProxyType({each.mis: each for each in (SIMS_PRIMARY,)})
"""Every connector by the MIS it collects from."""


class NoConnectorError(Exception):
    """No connector collects from this MIS."""


def of(mis: str) -> Connector:
    """The connector of a MIS. Raises NoConnectorError."""
    found = CONNECTORS.get(mis)
    if found is None:
        raise NoConnectorError(mis)
    return found


def collects(mis: str) -> bool:
    """Whether a connector collects from this MIS."""
    return mis in CONNECTORS


def reaching(mis: str) -> Connector:
    """The connector that reaches a base of this MIS, or that of the MIS it will move to."""
    return CONNECTORS.get(mis) or next(iter(CONNECTORS.values()))


def reach_back(mis: str, said: Mapping[str, str] | None = None) -> timedelta:
    """How far back a source of this MIS answers for changes. Raises NoConnectorError.

    ``said`` are an administrator's own settings of the connector, where whoever asks can know them.
    """
    return timedelta(days=of(mis).habits(said or {}).reach_back_days)


def labels() -> str:
    """The MIS that are collected from, as people call them."""
    return " or ".join(each.label for each in CONNECTORS.values())
