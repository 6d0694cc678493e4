"""What the connector takes for granted of SIMS Primary: what each setting does, and how we know.

The facts are those of the supplier's public partner pages (2018 to 2024) and of the standards these name;
none of them proves today's behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from schoolgate.connectors import checking
from schoolgate.connectors.declarations import Assumption, Kind, Standing
from schoolgate.connectors.errors import UnusableSettingError
from schoolgate.connectors.sims_primary.settings import (
    SHIPPED,
    SourceSettings,
    converted,
    in_text,
    sorted_of,
)

ADDRESSES, SIGNING_IN = "Addresses", "Signing in"
PAGES, CHANGES = "Pages of data", "Changes and marks"
PACE = "Pace and patience"
_STATED, _INFERRED, _ASSUMED = Standing.STATED, Standing.INFERRED, Standing.ASSUMED
_KINDS = {bool: Kind.YES_OR_NO, int: Kind.WHOLE_NUMBER, float: Kind.NUMBER, tuple: Kind.HOSTS}
_NOBODY_SAYS = "No public page says so."
_ODATA = "The name is the one of the OData standard, which the supplier names."


def _assumed(name: str, section: str, label: str, standing: Standing, **told: Any) -> Assumption:
    """One setting, with its default and kind as ``SourceSettings`` has them."""
    value = getattr(SHIPPED, name)
    told = {"kind": _KINDS.get(type(value), Kind.TEXT), **told}
    return Assumption(
        name=name, section=section, label=label, standing=standing, default=in_text(value), **told
    )


ASSUMPTIONS: tuple[Assumption, ...] = (
    _assumed(
        "token_url", ADDRESSES, "Address of the token service", _STATED, kind=Kind.ADDRESS,
        effect="Where tokens are asked for, unless a base's connection names an address of its own.",
        fact="Partner pages, Token endpoint.",
    ),
    _assumed(
        "api_url", ADDRESSES, "Address of the SIMS Primary API", _STATED, kind=Kind.ADDRESS,
        effect="Where data is read, unless a base's connection names an address of its own.",
        fact="Partner pages, OData calls. A move to another address was announced.",
    ),
    _assumed(
        "allowed_hosts", ADDRESSES, "Allowed hosts", _INFERRED, is_operators=True,
        effect="Hosts besides the API's own to which a page may lead. Token and key are sent there.",
        fact="Pages may name a host of the supplier's own network; no page says that it must be followed.",
    ),
    _assumed(
        "scope", SIGNING_IN, "Scope", _STATED,
        effect="What a token is asked for.",
        fact="Partner pages, sample code for version 3.",
    ),
    _assumed(
        "acr_values", SIGNING_IN, "How the school is named", _INFERRED, needs=("organisation_id",),
        effect="Tells the token service for which school a token is.",
        fact="Partner pages give the beginning of this text; the rest is reasoned.",
    ),
    _assumed(
        "sends_secret_in_body", SIGNING_IN, "Client ID and Secret in the body", _STATED,
        effect="Yes sends both in the form, no in the header (HTTP Basic).",
        fact="Partner pages allow either.",
    ),
    _assumed(
        "renew_before_seconds", SIGNING_IN, "Renew a token before its end", _INFERRED,
        unit="seconds", least=0, most=3600,
        effect="So long before its end a token is no longer used.",
        fact="Common practice, so that none ends on its way.",
    ),
    _assumed(
        "default_token_seconds", SIGNING_IN, "Life of a token that doesn't tell", _ASSUMED,
        unit="seconds", least=30, most=86400,
        effect="How long a token is used whose answer says nothing of its life.",
        fact=_NOBODY_SAYS,
    ),
    _assumed(
        "key_header", SIGNING_IN, "Header of the Subscription Key", _STATED,
        effect="The header that carries the Subscription Key.",
        fact="Partner pages, OData calls.",
    ),
    _assumed(
        "continuation", PAGES, "Name of the next page", _INFERRED,
        effect="Under this name a page says where the next one is. A wrong name would end a list early.",
        fact=_ODATA,
    ),
    _assumed(
        "count_name", PAGES, "Name of the count", _ASSUMED,
        effect="Under this name a page says how many rows there are on all pages together.",
        fact=f"{_NOBODY_SAYS} The name is the one of the OData standard.",
    ),
    _assumed(
        "asks_for_count", PAGES, "Ask for the count", _ASSUMED,
        effect="Yes asks how many rows there are, so that one that went missing is noticed.",
        fact=f"{_NOBODY_SAYS} A source that doesn't know the question may refuse it: say no then.",
    ),
    _assumed(
        "uses_select", PAGES, "Ask for the needed fields only", _STATED,
        effect="Yes leaves out what no data item needs, where a domain allows it.",
        fact="Partner pages, OData calls ($select).",
    ),
    _assumed(
        "end_names", PAGES, "Names of an end", _ASSUMED,
        effect="Of several rows where one is kept, one that has ended gives way. Names with spaces between.",
        fact=_NOBODY_SAYS,
    ),
    _assumed(
        "main_names", PAGES, "Names of a main row", _ASSUMED,
        effect="Of several rows where one is kept, the main one speaks. Names with spaces between.",
        fact=_NOBODY_SAYS,
    ),
    _assumed(
        "beginning_names", PAGES, "Names of a beginning", _ASSUMED,
        effect="Of several rows where one is kept, the newest speaks. Names with spaces between.",
        fact=_NOBODY_SAYS,
    ),
    _assumed(
        "page_limit", PAGES, "Largest page", _INFERRED, unit="bytes", least=65536, most=1073741824,
        effect="A page beyond this size is not read.",
        fact="A thousand rows, the most a page holds, are a few megabytes.",
    ),
    _assumed(
        "changes_call", CHANGES, "How changes are asked for", _STATED, needs=("start",),
        effect="Added to a domain's address to ask for what changed since a moment.",
        fact="Partner pages, version 3, attendance records. For other domains it is reasoned.",
    ),
    _assumed(
        "start_date_format", CHANGES, "How a moment is written", _ASSUMED, is_a_date_format=True,
        effect="The form of the moment from which changes are asked for, in UTC.",
        fact=f"{_NOBODY_SAYS} Filters by date are stated to need this form.",
    ),
    _assumed(
        "removed_name", CHANGES, "Name of a removal", _ASSUMED,
        effect="A changed row that has this name says that it was removed.",
        fact=f"{_NOBODY_SAYS} The name is the one of the OData standard.",
    ),
    _assumed(
        "overlap_seconds", CHANGES, "Overlap", _INFERRED, unit="seconds", least=0, most=86400,
        effect="Changes are asked for from so long before the last success; what is known is sifted out.",
        fact="Covers clocks that differ and changes that were being saved.",
    ),
    _assumed(
        "reach_back_days", CHANGES, "How long changes are kept", _STATED, unit="days", least=1, most=3660,
        effect="From further back nothing is asked for; a run that would need it says so.",
        fact="The handbook: changes older than three months are not available.",
    ),
    _assumed(
        "session_window_days", CHANGES, "Days of marks a request", _STATED, unit="days", least=1, most=366,
        effect="School sessions and a pupil's marks are asked for in windows of at most so many days.",
        fact="Partner pages: at most 90 days of attendance a request.",
    ),
    _assumed(
        "marks_filter", CHANGES, "How one pupil's marks are asked for", _INFERRED,
        needs=("pupil", "external_id", "start", "from_at", "until_at"),
        effect="The filter for one pupil's marks of a window.",
        fact="Partner pages show such filters on other domains.",
    ),
    _assumed(
        "calls_per_second", PACE, "Calls a second", _STATED, unit="calls", least=0.1, most=1000,
        effect="How many calls a second all bases together may make with one Subscription Key.",
        fact="Partner pages, Throttle: five a second per technical integrator, over all schools.",
    ),
    _assumed(
        "connect_seconds", PACE, "Patience for a connection", _INFERRED, unit="seconds", least=0.5, most=300,
        effect="How long to wait until the source takes a call.",
        fact="Common practice.",
    ),
    _assumed(
        "read_seconds", PACE, "Patience for an answer", _INFERRED, unit="seconds", least=0.5, most=900,
        effect="How long to wait for the next piece of an answer.",
        fact="Common practice.",
    ),
    _assumed(
        "total_seconds", PACE, "Patience for a whole page", _INFERRED, unit="seconds", least=1, most=3600,
        effect="How long one page may take from the call to its last byte.",
        fact="Common practice.",
    ),
)  # fmt: skip
"""Every setting of the connector, in the order of its page."""

_BY_NAME: Mapping[str, Assumption] = {each.name: each for each in ASSUMPTIONS}


def check_value(name: str, value: str) -> None:
    """Refuse a value that a setting can't have, and a setting there is not (UnusableSettingError)."""
    declared = _BY_NAME.get(name)
    if declared is None:
        raise UnusableSettingError(
            f"{name} is not a setting of the SIMS Primary connector.",
            "Take it back to the default; it has no effect.",
            name=name,
        )
    checking.check(declared, value)


@lru_cache(maxsize=8)
def _checked(said: tuple[tuple[str, str], ...]) -> SourceSettings:
    for name, value in said:
        check_value(name, value)
    return converted(said)


def settings_with(said: Mapping[str, str]) -> SourceSettings:
    """The defaults with values given as text; an unknown name or an unusable value is refused."""
    return _checked(sorted_of(said))
