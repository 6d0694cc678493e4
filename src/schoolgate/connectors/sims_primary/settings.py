"""Everything about SIMS Primary that may be otherwise than we think: settings, never constants.

``STANDING`` says of each whether it is stated in public documents, inferred, or unknown; the console
shows the latter two as "assumed". The facts are those of the supplier's public partner pages (2018 to
2024); none of them proves today's behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import msgspec


class SourceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the connector assumes. Times are in seconds, sizes in bytes."""

    token_url: str = "https://sts.sims.co.uk/connect/token"  # noqa: S105 - an address
    api_url: str = "https://seli00apm01.azure-api.net/ssli01/"
    scope: str = "simsserverapplication partner"
    acr_values: str = "orgselected:{organisation_id}"
    sends_secret_in_body: bool = True
    renew_before_seconds: int = 60
    default_token_seconds: int = 300
    key_header: str = "Ocp-Apim-Subscription-Key"
    continuation: str = "@odata.nextLink"
    count_name: str = "@odata.count"
    asks_for_count: bool = True
    uses_select: bool = True
    removed_name: str = "@removed"
    changes_call: str = "SIMS.Changes(startDate={start})"
    start_date_format: str = "%Y-%m-%dT%H:%M:%SZ"
    marks_filter: str = "{pupil} eq {external_id} and {start} ge {from_at} and {start} lt {until_at}"
    overlap_seconds: int = 300
    reach_back_days: int = 92
    session_window_days: int = 90
    calls_per_second: float = 5.0
    allowed_hosts: tuple[str, ...] = ()
    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    total_seconds: float = 180.0
    page_limit: int = 64 * 1024 * 1024


STATED, INFERRED, UNKNOWN = "stated", "inferred", "unknown"

STANDING: Mapping[str, str] = MappingProxyType(
    {
        "token_url": STATED,
        "api_url": STATED,
        "scope": STATED,
        "acr_values": INFERRED,
        "sends_secret_in_body": STATED,
        "renew_before_seconds": INFERRED,
        "default_token_seconds": UNKNOWN,
        "key_header": STATED,
        "continuation": INFERRED,
        "count_name": UNKNOWN,
        "asks_for_count": UNKNOWN,
        "uses_select": STATED,
        "removed_name": UNKNOWN,
        "changes_call": STATED,
        "start_date_format": UNKNOWN,
        "marks_filter": INFERRED,
        "overlap_seconds": INFERRED,
        "reach_back_days": STATED,
        "session_window_days": STATED,
        "calls_per_second": STATED,
        "allowed_hosts": INFERRED,
        "connect_seconds": INFERRED,
        "read_seconds": INFERRED,
        "total_seconds": INFERRED,
        "page_limit": INFERRED,
    }
)
"""How sure each setting's default is."""


def settings_with(overrides: Mapping[str, str]) -> SourceSettings:
    """The defaults with an officer's values, given as text; an unknown name or a wrong type is refused."""
    return _checked(tuple(sorted(overrides.items())))


@lru_cache(maxsize=8)
def _checked(said: tuple[tuple[str, str], ...]) -> SourceSettings:
    overrides = dict(said)
    known = {field.name for field in msgspec.structs.fields(SourceSettings)}
    unknown = set(overrides) - known
    if unknown:
        raise ValueError(f"{min(unknown)} is not a setting of the SIMS Primary connector")
    values: dict[str, object] = dict(overrides)
    if "allowed_hosts" in overrides:
        values["allowed_hosts"] = tuple(overrides["allowed_hosts"].split())
    try:
        return msgspec.convert(values, SourceSettings, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"a setting of the SIMS Primary connector has the wrong form: {error}") from error
