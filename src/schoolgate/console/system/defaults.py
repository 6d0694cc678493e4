"""System defaults: every one with what it does and who changed it last; only administrators change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.accounts.queries import names_of
from schoolgate.accounts.rights import Right, may
from schoolgate.authority.actions import set_defaults
from schoolgate.authority.defaults import BY_NAME, DECLARED, Default, Kind, UnusableDefaultError
from schoolgate.authority.queries import DefaultChange, default_changes
from schoolgate.authority.queries import defaults as kept_defaults
from schoolgate.console.screen import say, show, user_id
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.words import counted, listed

CHANGES_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Line:
    """One default as the page shows it: its field, its value and its shipped value in words."""

    declared: Default
    field: Any
    value: str
    shipped: str
    last: DefaultChange | None


class DefaultsForm(forms.Form):
    """A field for every declared default, of the kind it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in DECLARED:
            self.fields[each.name] = _field(each)


def _field(declared: Default) -> forms.Field:
    words: dict[str, Any] = {"label": declared.label, "help_text": declared.explanation}
    if declared.kind is Kind.NUMBER:
        return forms.IntegerField(**words)
    if declared.kind is Kind.CHOICE:
        return forms.ChoiceField(**words, choices=declared.choices)
    return forms.MultipleChoiceField(
        **words, choices=declared.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


@right("tasks.view")
def defaults(request: HttpRequest) -> HttpResponse:
    """The page; saving asks for a right of its own."""
    set_now = msgspec.structs.asdict(kept_defaults())
    may_edit = may(request.user, Right.DEFAULTS_EDIT)
    form = DefaultsForm(request.POST if request.method == "POST" else None, initial=set_now)
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied
        if form.is_valid() and _save(request, form):
            return redirect("defaults")
    changes = default_changes(limit=CHANGES_SHOWN)
    lines = _lines(form, set_now, changes)
    context = {
        "form": form,
        "sections": [(name, list(rows)) for name, rows in groupby(lines, lambda line: line.declared.section)],
        "may_edit": may_edit,
        "changes": [(each, BY_NAME[each.name], _change(each)) for each in changes],
        "people": names_of(each.user_id for each in changes),
    }
    return show(request, "system/defaults.html", context, section="system")


def _save(request: HttpRequest, form: DefaultsForm) -> bool:
    """Keeps what changed; a value out of range is told beside its field."""
    try:
        changed = set_defaults(form.cleaned_data, by=user_id(request), now=clock.now())
    except UnusableDefaultError as refusal:
        form.add_error(refusal.field, f"{refusal.sentence} {refusal.remedy}")
        return False
    labels = [BY_NAME[name].label for name in changed]
    say(request, f"Saved: {listed(labels)}." if labels else "Nothing was changed.")
    return True


def _lines(form: DefaultsForm, set_now: Mapping[str, Any], changes: list[DefaultChange]) -> list[Line]:
    newest = {each.name: each for each in reversed(changes)}
    return [
        Line(
            declared=each,
            field=form[each.name],
            value=_in_words(each, set_now[each.name]),
            shipped=_in_words(each, each.default),
            last=newest.get(each.name),
        )
        for each in DECLARED
    ]


def _change(change: DefaultChange) -> tuple[str, str]:
    declared = BY_NAME[change.name]
    return _in_words(declared, change.before), _in_words(declared, change.after)


def _in_words(declared: Default, value: Any) -> str:
    if declared.kind is Kind.NUMBER:
        return counted(int(value), declared.unit.removesuffix("s")) if value else f"0 {declared.unit}"
    labels = dict(declared.choices)
    if declared.kind is Kind.CHOICE:
        return labels.get(value, str(value))
    return "all of them" if len(value) == len(labels) else listed([labels.get(each, each) for each in value])
