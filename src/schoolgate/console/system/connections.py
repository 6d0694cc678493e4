"""Connections: per MIS, what is taken for granted of its source, how sure that is, and what is known better.

A change bears on every base of the MIS. So it is confirmed: first it is said what it means, then it is done.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.accounts.queries import names_of
from schoolgate.collecting.officers import set_source_setting
from schoolgate.connectors import checking
from schoolgate.connectors.connector import Connector
from schoolgate.connectors.declarations import Assumption, Kind
from schoolgate.console.screen import say, show, user_id
from schoolgate.console.system.assumptions import in_words, line_of, problem_of
from schoolgate.console.system.connection_entries import (
    Entry,
    confirm,
    entries_for,
    entry_for,
    is_confirmed,
    way_to,
)
from schoolgate.lib import clock
from schoolgate.pages.gate import right


class SettingForm(forms.Form):
    """One setting's value; what it may be is the connector's to say."""

    def __init__(self, *args: Any, connector: Connector, declared: Assumption, **more: Any) -> None:
        super().__init__(*args, **more)
        self._connector, self._declared = connector, declared
        self.fields["value"] = _field(declared)

    def clean_value(self) -> str:
        """Refuses what the connector refuses, with what to do instead."""
        value = str(self.cleaned_data["value"]).strip()
        wrong = problem_of(self._connector, self._declared.name, value)
        if wrong:
            raise forms.ValidationError(wrong)
        return value


def _field(declared: Assumption) -> forms.Field:
    words: dict[str, Any] = {"label": declared.label, "help_text": declared.effect}
    if declared.kind is Kind.YES_OR_NO:
        choices = [(checking.YES, "Yes"), (checking.NO, "No")]
        return forms.ChoiceField(**words, choices=choices, widget=forms.RadioSelect)
    return forms.CharField(**words, max_length=checking.LONGEST)


@right("mapping.view")
def connections(request: HttpRequest) -> HttpResponse:
    """Every MIS that is collected from, with all that is taken for granted of its source."""
    entries = entries_for(request)
    people = {line.own.changed_by for entry in entries for line in entry.sheet.lines if line.own}
    context = {"entries": entries, "people": names_of(people)}
    return show(request, "system/connections.html", context, section="system")


@right("mapping.edit")
def connection_setting(request: HttpRequest, mis: str, name: str) -> HttpResponse:
    """One setting: what it is, another value for it, and what that means for how many bases."""
    entry = entry_for(request, mis)
    line = line_of(entry.sheet, name)
    if line is None:
        raise Http404
    declared = line.declared
    initial = {"value": line.own.value if line.own else declared.default}
    form = SettingForm(request.POST or None, initial=initial, connector=entry.connector, declared=declared)
    if form.is_valid():
        value = form.cleaned_data["value"]
        # The default is kept as no value at all, so that a later release may know a better one.
        value = "" if value == declared.default else value
        return _change(request, entry, declared, value=value)
    context = {"entry": entry, "line": line, "form": form, "crumbs": way_to(declared.label)}
    return show(request, "system/connection_setting.html", context, section="system")


@require_POST
@right("mapping.edit")
def connection_reset(request: HttpRequest, mis: str, name: str) -> HttpResponse:
    """Goes back to the default, also for what a newer release doesn't know any more."""
    entry = entry_for(request, mis)
    line = line_of(entry.sheet, name)
    if line is not None:
        return _change(request, entry, line.declared, value="")
    if name not in {each.name for each in entry.sheet.forgotten}:
        raise Http404
    set_source_setting(mis, name=name, value="", by=user_id(request), now=clock.now())
    say(request, f"{name} was removed.")
    return redirect("connections")


def _change(request: HttpRequest, entry: Entry, declared: Assumption, *, value: str) -> HttpResponse:
    """Says what a change means; makes it once that is confirmed."""
    line = line_of(entry.sheet, declared.name)
    before = line.value if line else ""
    after = in_words(declared, value or declared.default)
    if before == after and not (line and line.problem):
        say(request, "Nothing was changed.")
        return redirect("connections")
    if is_confirmed(request):
        mis = entry.connector.mis
        set_source_setting(mis, name=declared.name, value=value, by=user_id(request), now=clock.now())
        say(request, f"{declared.label} of {entry.connector.label} is now {after}.")
        return redirect("connections")
    return confirm(
        request,
        entry,
        title=declared.label,
        told=[("Is now", before), ("Will be", after), ("What it does", declared.effect)],
        sent={"value": value or declared.default},
    )
