"""Mapping and assumptions: what ships, what is only assumed, and what an administrator knows better."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.collecting.access import override_for, overrides_for
from schoolgate.collecting.officers import remove_override, save_override
from schoolgate.connectors.connector import Connector
from schoolgate.connectors.errors import MappingError
from schoolgate.connectors.registry import CONNECTORS
from schoolgate.console.mapping.forms import OverrideForm
from schoolgate.console.mapping.lines import domains_of, fixed_places
from schoolgate.console.screen import crumbs, say, show, user_id
from schoolgate.lib import clock
from schoolgate.pages.gate import right


@right("mapping.view")
def mapping(request: HttpRequest) -> HttpResponse:
    """The whole mapping of a MIS (``?mis=``), domain by domain."""
    connector = _asked(request.GET.get("mis", ""))
    shipped = connector.mapping()
    overrides = overrides_for(request.user, connector.mis)
    domains = domains_of(shipped, overrides)
    lines = [line for domain in domains for line in domain.lines]
    context = {
        "connector": connector,
        "others": [each for each in CONNECTORS.values() if each is not connector],
        "domains": domains,
        "fixed": fixed_places(shipped),
        "version": shipped.version,
        "stated": sum(line.is_stated for line in lines),
        "total": len(lines),
        "overrides": len(overrides),
    }
    return show(request, "mapping/mapping.html", context, section="system")


@right("mapping.edit")
def override_new(request: HttpRequest) -> HttpResponse:
    """Says where one data item really comes from."""
    connector = _asked(request.GET.get("mis", ""))
    initial = {"source": "field", "place": request.GET.get("place", "")}
    return _edit(request, connector, initial=initial, kept=None)


@right("mapping.edit")
def override_edit(request: HttpRequest, override_id: int) -> HttpResponse:
    """Changes an override."""
    kept = override_for(request.user, override_id)
    source = "constant" if kept.constant else "field" if kept.field else "none"
    initial = {
        "place": f"{kept.domain}:{kept.group}:{kept.item}",
        "source": source,
        "field": kept.field,
        "words": kept.words,
        "position": kept.position or None,
        "constant": kept.constant,
    }
    return _edit(request, _asked(kept.mis), initial=initial, kept=kept.pk)


@require_POST
@right("mapping.edit")
def override_remove(request: HttpRequest, override_id: int) -> HttpResponse:
    """Goes back to what ships."""
    kept = override_for(request.user, override_id)
    remove_override(kept.pk, by=user_id(request), now=clock.now())
    say(request, "The override was removed; the shipped mapping holds again from the next run on.")
    return redirect(_address(kept.mis))


def _asked(mis: str) -> Connector:
    """The connector of this MIS, or the first where none is named."""
    found = CONNECTORS.get(mis) if mis else next(iter(CONNECTORS.values()))
    if found is None:
        raise Http404
    return found


def _address(mis: str) -> str:
    return f"/mapping/?mis={mis}"


def _edit(
    request: HttpRequest, connector: Connector, *, initial: dict[str, Any], kept: int | None
) -> HttpResponse:
    form = OverrideForm(request.POST or None, initial=initial).offer(connector.mapping())
    if form.is_valid() and _is_saved(request, connector.mis, form):
        say(request, "The override was saved. It holds from the next run on, which reads these items anew.")
        return redirect(_address(connector.mis))
    context = {
        "form": form,
        "connector": connector,
        "kept": kept,
        "crumbs": crumbs(("Mapping", "/mapping/"), ("Override", "")),
    }
    return show(request, "mapping/override.html", context, section="system")


def _is_saved(request: HttpRequest, mis: str, form: OverrideForm) -> bool:
    given = form.cleaned_data
    domain, group, item = given["place"].split(":")
    try:
        save_override(
            mis,
            domain=domain,
            group=group,
            item=item,
            field=given["field"],
            words=given["words"],
            position=given["position"],
            constant=given["constant"],
            by=user_id(request),
            now=clock.now(),
        )
    except MappingError as refusal:
        form.add_error(None, f"This can't be used: {refusal}.")
        return False
    return True
