"""Blackout dates: holidays of the whole authority, closures of single schools; nothing is due on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.accounts.rights import Right
from schoolgate.accounts.scopes import scope_of
from schoolgate.bases.access import base_for, bases_for
from schoolgate.bases.queries import by_name
from schoolgate.console.days import day_field
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.lib import clock
from schoolgate.lib.folding import sort_key
from schoolgate.pages.asked import number, numbers
from schoolgate.pages.gate import right
from schoolgate.tasks.access import Blackout, BlackoutKind, blackouts_for, check_bases_for
from schoolgate.tasks.blackouts import add_blackout, edit_blackout, remove_blackout
from schoolgate.tasks.refusals import RefusedError

ONE_DAY = timedelta(days=1)
PAST_SHOWN = timedelta(days=400)
EVERYBODY, SOME = "all", "some"
NOT_FOR_ALL = (
    "You look after some bases only, so dates of the whole authority are for somebody who looks after all."
)


@dataclass(frozen=True, kw_only=True)
class Dates:
    """Blackout dates as an officer made them: one row for the authority, or one for each of some bases."""

    rows: Sequence[Blackout]

    @property
    def first(self) -> Blackout:
        """The row the words are read from."""
        return self.rows[0]

    @property
    def last_on(self) -> date:
        """The last day itself."""
        return self.first.until_on - ONE_DAY

    @property
    def days(self) -> int:
        """How many days they are."""
        return (self.first.until_on - self.first.from_on).days

    @property
    def bases(self) -> list[str]:
        """Whose they are; empty for the whole authority."""
        return sorted((each.base.name for each in self.rows if each.base is not None), key=sort_key)

    @property
    def query(self) -> str:
        """Which rows they are, in an address."""
        return "&".join(f"id={each.pk}" for each in self.rows)


class BlackoutForm(forms.Form):
    """Days are given as people say them: the last day is one of them."""

    name = forms.CharField(label="Name", max_length=80, help_text="For example Christmas holiday.")
    kind = forms.ChoiceField(label="Kind", choices=BlackoutKind.choices, widget=forms.RadioSelect)
    from_on = day_field("First day")
    last_on = day_field("Last day", help_text="Tasks are due again on the day after.")
    whose = forms.ChoiceField(
        label="For whom",
        required=False,
        choices=[(EVERYBODY, "The whole authority"), (SOME, "Some bases")],
        widget=forms.RadioSelect,
    )

    def given(self) -> dict[str, Any]:
        """Name, kind and days as the actions take them; the form must be valid."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "kind": cleaned["kind"],
            "from_on": cleaned["from_on"],
            "until_on": cleaned["last_on"] + ONE_DAY,
        }

    def tell(self, refusal: RefusedError) -> None:
        """Puts a refusal beside its field."""
        field = {"until_on": "last_on", "bases": "whose"}.get(refusal.field, refusal.field)
        self.add_error(field if field in self.fields else None, f"{refusal.sentence} {refusal.remedy}")


@right("tasks.view")
def blackouts(request: HttpRequest) -> HttpResponse:
    """What is coming and what is past, of the authority and its bases, or what bears on ``?base=``."""
    asked, today = request.GET.get("base", ""), clock.today()
    base_id = number(asked)
    base = base_for(request.user, base_id) if base_id is not None else None
    found = blackouts_for(request.user, base_id=base.pk if base else None, from_on=today - PAST_SHOWN)
    dates = _grouped(found)
    coming = [each for each in dates if each.first.until_on > today]
    context = {
        "base": base,
        "coming": coming,
        "now_closed": [each for each in coming if each.first.from_on <= today],
        "past": [each for each in reversed(dates) if each.first.until_on <= today],
        "today": today,
    }
    return show(request, "system/blackouts.html", context, section="system")


def _grouped(rows: Iterable[Blackout]) -> list[Dates]:
    """Rows made together stand together: the same days, name and kind."""
    found: dict[tuple[object, ...], list[Blackout]] = {}
    for each in rows:
        key = (each.from_on, each.until_on, each.name, each.kind, each.base_id is None)
        found.setdefault(key, []).append(each)
    return [Dates(rows=each) for each in found.values()]


@right("tasks.edit")
def blackout_new(request: HttpRequest) -> HttpResponse:
    """Adds blackout dates for the whole authority or for ticked bases."""
    asked = request.POST if request.method == "POST" else request.GET
    ticked = numbers(asked.getlist("base"))
    initial = {
        "kind": BlackoutKind.CLOSURE if ticked else BlackoutKind.HOLIDAY,
        "whose": SOME if ticked else EVERYBODY,
    }
    form = BlackoutForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and form.cleaned_data["whose"] == SOME and not ticked:
        form.add_error("whose", "Tick the bases that are closed, or choose the whole authority.")
    if form.is_valid() and form.cleaned_data["whose"] != SOME and _is_limited(request):
        form.add_error("whose", NOT_FOR_ALL)
    if form.is_valid():
        base_ids = ticked if form.cleaned_data["whose"] == SOME else ()
        try:
            check_bases_for(request.user, base_ids)
            add_blackout(**form.given(), base_ids=base_ids, by=user_id(request), now=clock.now())
        except RefusedError as refusal:
            form.tell(refusal)
        else:
            say(request, f"{form.cleaned_data['name']} was saved. Nothing is due on these days.")
            return redirect("blackouts")
    bases = bases_for(request.user).filter(is_active=True).order_by(*by_name())
    return _form(request, form, {"bases": bases, "ticked": ticked})


@right("tasks.edit")
def blackout_edit(request: HttpRequest) -> HttpResponse:
    """Changes blackout dates; those made together for some bases are changed together."""
    dates = _named(request)
    if _is_others(request, dates):
        refuse(request, NOT_FOR_ALL)
        return redirect("blackouts")
    kept = dates.first
    initial = {"name": kept.name, "kind": kept.kind, "from_on": kept.from_on, "last_on": dates.last_on}
    form = BlackoutForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        by, now = user_id(request), clock.now()
        try:
            with transaction.atomic():
                for each in dates.rows:
                    edit_blackout(each.pk, **form.given(), by=by, now=now)
        except RefusedError as refusal:
            form.tell(refusal)
        else:
            say(request, f"{form.cleaned_data['name']} was saved.")
            return redirect("blackouts")
    return _form(request, form, {"dates": dates})


@require_POST
@right("tasks.edit")
def blackout_remove(request: HttpRequest) -> HttpResponse:
    """Lifts blackout dates: tasks are due on these days again."""
    dates, by, now = _named(request), user_id(request), clock.now()
    if _is_others(request, dates):
        refuse(request, NOT_FOR_ALL)
        return redirect("blackouts")
    with transaction.atomic():
        for each in dates.rows:
            remove_blackout(each.pk, by=by, now=now)
    say(request, f"{dates.first.name} was removed. Tasks are due on these days again.")
    return redirect("blackouts")


def _is_limited(request: HttpRequest) -> bool:
    return scope_of(request.user, Right.TASKS_EDIT).is_limited


def _is_others(request: HttpRequest, dates: Dates) -> bool:
    """Whether dates also bear on bases this person doesn't look after: those of the whole authority do."""
    return _is_limited(request) and any(each.base_id is None for each in dates.rows)


def _named(request: HttpRequest) -> Dates:
    """The rows of ``id``, whose base this person may see; none is not found."""
    asked = request.POST if request.method == "POST" else request.GET
    ids = numbers(asked.getlist("id"))
    rows = list(blackouts_for(request.user).filter(pk__in=ids))
    if not rows:
        raise Http404
    return Dates(rows=rows)


def _form(request: HttpRequest, form: BlackoutForm, more: dict[str, Any]) -> HttpResponse:
    context = more | {
        "form": form,
        "crumbs": crumbs(
            ("Blackout dates", "/system/blackout-dates/"), ("Edit" if "dates" in more else "Add", "")
        ),
    }
    return show(request, "system/blackout_form.html", context, section="system")
