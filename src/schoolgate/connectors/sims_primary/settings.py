"""Everything about SIMS Primary that may be otherwise than we think: settings, never constants.

``assumptions`` says of each what it does, how sure its default is and where the fact comes from; the page
of connections shows that, and lets an administrator know better.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import msgspec

from schoolgate.lib.convert import converter


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
    end_names: str = "EndDate ToDate ValidTo"
    main_names: str = "IsMain Main IsPrimary Primary"
    beginning_names: str = "StartDate FromDate ValidFrom LastModified"
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


SHIPPED = SourceSettings()
_settings_from = converter(SourceSettings, is_strict=False)


def in_text(value: object) -> str:
    """A setting's value as people give it: true and false, hosts with spaces between them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return " ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


@lru_cache(maxsize=8)
def converted(said: tuple[tuple[str, str], ...]) -> SourceSettings:
    """The defaults with values given as text, sorted by name, which were checked before."""
    values: dict[str, object] = dict(said)
    if "allowed_hosts" in values:
        values["allowed_hosts"] = tuple(str(values["allowed_hosts"]).split())
    return _settings_from(values)


def sorted_of(said: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Settings as ``converted`` takes them."""
    return tuple(sorted(said.items()))
