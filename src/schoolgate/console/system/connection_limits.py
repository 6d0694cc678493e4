"""Addresses that allow another number of calls a second than the connector takes them to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.collecting.officers import check_limit, remove_source_limit, set_source_limit
from schoolgate.connectors.errors import UnusableSettingError
from schoolgate.console.screen import say, show, user_id
from schoolgate.console.system.connection_entries import confirm, entry_for, is_confirmed, way_to
from schoolgate.lib import clock
from schoolgate.pages.gate import right

TITLE = "Calls a second of an address"


class LimitForm(forms.Form):
    """How many calls a second an address allows."""

    api_url = forms.CharField(
        label="Address of the API", max_length=300, help_text="As it stands in the bases' connections."
    )
    calls_per_second = forms.FloatField(
        label="Calls a second", help_text="All bases that are read at this address share them."
    )

    def clean(self) -> dict[str, Any]:
        """Refuses what the action would refuse, beside its field."""
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                check_limit(cleaned["api_url"], cleaned["calls_per_second"])
            except UnusableSettingError as refusal:
                self.add_error(refusal.name, refusal.remedy)
        return cleaned


@right("mapping.edit")
def connection_limit(request: HttpRequest, mis: str) -> HttpResponse:
    """How many calls a second one address allows; ``?address=`` names one that has a limit already."""
    entry = entry_for(request, mis)
    kept = entry.limit(request.GET.get("address", ""))
    initial = {"api_url": kept.address, "calls_per_second": kept.calls.split()[0]} if kept else {}
    form = LimitForm(request.POST or None, initial=initial)
    if form.is_valid():
        address, calls = form.cleaned_data["api_url"], form.cleaned_data["calls_per_second"]
        if not is_confirmed(request):
            before = entry.limit(address.rstrip("/").lower())
            told = [
                ("Address", address),
                ("Is now", before.calls if before else "as every other address"),
                ("Will be", f"{calls:g} a second"),
            ]
            return confirm(request, entry, title=TITLE, told=told, sent=form.cleaned_data)
        set_source_limit(mis, address, calls_per_second=calls, by=user_id(request), now=clock.now())
        say(request, f"{address} is called {calls:g} times a second at most.")
        return redirect("connections")
    context = {"entry": entry, "form": form, "kept": kept, "title": TITLE, "crumbs": way_to(TITLE)}
    return show(request, "system/connection_limit.html", context, section="system")


@require_POST
@right("mapping.edit")
def connection_limit_remove(request: HttpRequest, mis: str) -> HttpResponse:
    """Lets an address allow what the connector takes it to allow."""
    entry = entry_for(request, mis)
    kept = entry.limit(request.POST.get("address", ""))
    if kept is None:
        raise Http404
    if not is_confirmed(request):
        told = [("Address", kept.address), ("Is now", kept.calls), ("Will be", "as every other address")]
        return confirm(request, entry, title=TITLE, told=told, sent={"address": kept.address})
    remove_source_limit(mis, kept.address, by=user_id(request), now=clock.now())
    say(request, f"{kept.address} has no limit of its own any more.")
    return redirect("connections")
