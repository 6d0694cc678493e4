"""Releases or refuses what waits in an entry: first it says what will happen, then it is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.holding.access import HeldEntry, HeldItem, check_sight_for, entry_for, waiting_for
from schoolgate.holding.actions import LONGEST_REASON
from schoolgate.holding.actions import refuse as refuse_held
from schoolgate.holding.causes import CAUSES
from schoolgate.holding.queries import fingerprint_of
from schoolgate.holding.refusals import HeldRefusedError, has_changed, no_decision, nothing_waits
from schoolgate.importing.releasing import release
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.words import counted, first_upper
from schoolgate.pupils.access import names_for

REFUSE = "refuse"
EVERYBODY = "everybody"
MOST_NAMED = 20


class ReasonForm(forms.Form):
    """Why; read by others later."""

    reason = forms.CharField(
        label="Why",
        max_length=LONGEST_REASON,
        widget=forms.Textarea,
        help_text="Whoever asks later reads it here. Leave out what is private about the child.",
        error_messages={"required": "Say in a few words why."},
    )


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be done, of whom: ``external_ids`` is ``None`` for everybody who waits."""

    do: str
    external_ids: tuple[str, ...] | None
    items: list[HeldItem]

    @property
    def pupils(self) -> int:
        """Of how many pupils."""
        return len({each.external_id for each in self.items})


@right("held.decide")
@require_POST
def held_decide(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Says what a decision does and asks for the reason; carries it out once that is confirmed."""
    entry = entry_for(request.user, entry_id)
    try:
        wish = _wish(request, entry)
        form = ReasonForm(request.POST if "confirmed" in request.POST else None)
        if form.is_bound and form.is_valid():
            say(request, _carry_out(request, entry, wish, reason=form.cleaned_data["reason"]))
            return redirect("held")
    except HeldRefusedError as error:
        refuse(request, error.sentence, error.remedy)
        return redirect("held_entry", entry_id)
    return show(request, "held/confirm.html", _context(request, entry, wish, form), section="held")


def _wish(request: HttpRequest, entry: HeldEntry) -> Wish:
    """What was pressed and ticked. Refuses what is no decision, and ticks of what has changed since."""
    do = request.POST.get("do", "")
    if do != REFUSE and CAUSES[entry.code].decision(do) is None:
        raise no_decision()
    is_everybody = request.POST.get("whom") == EVERYBODY
    ticks = dict(_tick(each) for each in request.POST.getlist("pupil"))
    if not is_everybody and not ticks:
        raise HeldRefusedError(
            "held.nobody_ticked", "Nobody was ticked, so nothing was done.", "Tick the pupils it is about."
        )
    items = waiting_for(request.user, entry, None if is_everybody else ticks.keys())
    if not items:
        raise nothing_waits()
    if not is_everybody and _fingerprints(items) != ticks:
        raise has_changed()
    check_sight_for(request.user, items)
    return Wish(do=do, external_ids=None if is_everybody else tuple(ticks), items=items)


def _tick(value: str) -> tuple[str, str]:
    external_id, _, seen = value.rpartition("~")
    return external_id, seen


def _fingerprints(items: Collection[HeldItem]) -> dict[str, str]:
    ids = {each.external_id for each in items}
    return {each: fingerprint_of(item for item in items if item.external_id == each) for each in ids}


def _carry_out(request: HttpRequest, entry: HeldEntry, wish: Wish, *, reason: str) -> str:
    """Does it; answers the sentence that says so."""
    by, now, seen = user_id(request), clock.now(), request.POST.get("seen", "")
    if wish.do == REFUSE:
        pupils = refuse_held(
            entry.pk, by=by, reason=reason, now=now, external_ids=wish.external_ids, seen=seen
        )
        return f"Refused for {counted(pupils, 'pupil')}. It is asked about again when the school changes it."
    done = release(
        entry.pk, by=by, reason=reason, now=now, external_ids=wish.external_ids, decision=wish.do, seen=seen
    )
    what = f"{first_upper(counted(done.pupils, 'pupil'))} released."
    return f"{what} What was sent is being landed as a run of its own." if done.run_ids else what


def _context(request: HttpRequest, entry: HeldEntry, wish: Wish, form: ReasonForm) -> dict[str, object]:
    cause = CAUSES[entry.code]
    decision = cause.decision(wish.do)
    pupil_ids = {each.pupil_id for each in wish.items if each.pupil_id is not None}
    names = names_for(request.user, sorted(pupil_ids)[:MOST_NAMED])
    return {
        "entry": entry,
        "cause": cause,
        "wish": wish,
        "is_refusal": wish.do == REFUSE,
        "does": cause.refusing if decision is None or wish.do == REFUSE else decision.does,
        "verb": "Refuse" if decision is None or wish.do == REFUSE else decision.label,
        "names": sorted(names.values()),
        "ticks": request.POST.getlist("pupil"),
        "seen": fingerprint_of(wish.items),
        "form": form,
        "crumbs": crumbs(("Held", "/held/"), (cause.label, f"/held/{entry.pk}/"), ("Confirm", "")),
    }
