"""What the pages of connections share: a MIS with all that is said of it, and the asking beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse

from schoolgate.bases.access import how_many_on_for
from schoolgate.collecting.access import limits_for, overrides_for, settings_for
from schoolgate.collecting.sources import operators_settings
from schoolgate.connectors.connector import Connector
from schoolgate.connectors.registry import CONNECTORS
from schoolgate.console.screen import Crumbs, crumbs, show
from schoolgate.console.system.assumptions import Sheet, sheet

HERE = "/system/connections/"
CONFIRMED = "is_confirmed"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """An address that allows another number of calls a second."""

    address: str
    calls: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One MIS: its connector, what is taken for granted, and how many bases that bears on."""

    connector: Connector
    sheet: Sheet
    bases: int
    limits: list[Limit]
    overrides: int

    def limit(self, address: str) -> Limit | None:
        """The limit of this address, if it has one of its own."""
        return next((each for each in self.limits if each.address == address), None)


def entries_for(request: HttpRequest) -> list[Entry]:
    """Every MIS that is collected from."""
    return [_entry(request, each) for each in CONNECTORS.values()]


def entry_for(request: HttpRequest, mis: str) -> Entry:
    """One MIS; what is not collected from is not found."""
    connector = CONNECTORS.get(mis)
    if connector is None:
        raise Http404
    return _entry(request, connector)


def _entry(request: HttpRequest, connector: Connector) -> Entry:
    mis = connector.mis
    return Entry(
        connector=connector,
        sheet=sheet(connector, settings_for(request.user, mis), operators=operators_settings(connector)),
        bases=how_many_on_for(request.user, mis),
        limits=[
            Limit(address=each.api_url, calls=f"{each.calls_per_second:g} a second")
            for each in limits_for(request.user, mis)
        ],
        overrides=len(overrides_for(request.user, mis)),
    )


def is_confirmed(request: HttpRequest) -> bool:
    """Whether what is sent comes from the page that says what the change means."""
    return bool(request.POST.get(CONFIRMED))


def confirm(
    request: HttpRequest, entry: Entry, *, title: str, told: list[tuple[str, str]], sent: Mapping[str, object]
) -> HttpResponse:
    """Says what a change means for how many bases; sending ``sent`` again makes it."""
    context = {
        "entry": entry,
        "title": title,
        "told": told,
        "sent": {**sent, CONFIRMED: "yes"},
        "crumbs": way_to(title),
    }
    return show(request, "system/connection_confirm.html", context, section="system")


def way_to(title: str) -> Crumbs:
    """The way to a page below this one."""
    return crumbs(("Connections", HERE), (title, ""))
