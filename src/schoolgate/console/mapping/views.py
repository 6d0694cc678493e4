"""Mapping and assumptions: what ships, what is only assumed, and what an administrator knows better."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.bases.access import Mis
from schoolgate.collecting.access import MappingOverride, override_for, overrides_for
from schoolgate.collecting.actions import remove_override, save_override
from schoolgate.connectors.registry import MappingError, mapping_of
from schoolgate.console.mapping.forms import OverrideForm
from schoolgate.console.mapping.lines import domains_of, fixed_places
from schoolgate.console.screen import crumbs, say, show, user_id
from schoolgate.lib import clock
from schoolgate.pages.gate import right


@right("mapping.view")
def mapping(request: HttpRequest) -> HttpResponse:
    """The whole mapping, domain by domain."""
    shipped = mapping_of(Mis.SIMS_PRIMARY.value)
    overrides = overrides_for(request.user)
    domains = domains_of(shipped, overrides)
    lines = [line for domain in domains for line in domain.lines]
    context = {
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
    return _edit(request, initial={"source": "field", "place": request.GET.get("place", "")}, kept=None)


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
    return _edit(request, initial=initial, kept=kept)


@require_POST
@right("mapping.edit")
def override_remove(request: HttpRequest, override_id: int) -> HttpResponse:
    """Goes back to what ships."""
    kept = override_for(request.user, override_id)
    remove_override(kept.pk, by=user_id(request), now=clock.now())
    say(request, "The override was removed; the shipped mapping holds again from the next run on.")
    return redirect("mapping")


def _edit(request: HttpRequest, *, initial: dict[str, Any], kept: MappingOverride | None) -> HttpResponse:
    form = OverrideForm(request.POST or None, initial=initial).offer(mapping_of(Mis.SIMS_PRIMARY.value))
    if form.is_valid() and _is_saved(request, form):
        say(request, "The override was saved. It holds from the next run on, which reads these items anew.")
        return redirect("mapping")
    context = {
        "form": form,
        "kept": kept,
        "crumbs": crumbs(("Mapping", "/mapping/"), ("Override", "")),
    }
    return show(request, "mapping/override.html", context, section="system")


def _is_saved(request: HttpRequest, form: OverrideForm) -> bool:
    given = form.cleaned_data
    domain, group, item = given["place"].split(":")
    try:
        save_override(
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
