"""Which hosts besides its own a source may lead to, as the operator says it: `mis:host`, by commas."""

from __future__ import annotations

import re

from schoolgate.config.environment import MissingSetting
from schoolgate.connectors.registry import CONNECTORS

_ENTRY = re.compile(r"(?P<mis>\w+):(?P<host>[a-zA-Z0-9][a-zA-Z0-9.-]*(:\d{1,5})?)")


def source_hosts_from(text: str) -> dict[str, str]:
    """Hosts by MIS, with spaces between them. What can't be read stops the start (MissingSetting)."""
    found: dict[str, list[str]] = {}
    for entry in filter(None, (each.strip() for each in text.split(","))):
        read = _ENTRY.fullmatch(entry)
        if read is None or read["mis"] not in CONNECTORS:
            raise MissingSetting(
                "SCHOOLGATE_SOURCE_HOSTS names a MIS and a host each, as in "
                f"{next(iter(CONNECTORS))}:pages.example.net, separated by commas; “{entry}” does not."
            )
        found.setdefault(read["mis"], []).append(read["host"].lower())
    return {mis: " ".join(hosts) for mis, hosts in found.items()}
