"""Clear cache: for chosen bases or all schools, by data group and age; confirmed with what it will cost."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.bases.access import bases_for
from schoolgate.bases.queries import by_name
from schoolgate.blocks.access import cost_of_clearing_for, to_clear_for
from schoolgate.blocks.clearing import clear_cache
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.console.tasks.offer import Chosen, chosen_bases
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.words import counted
from schoolgate_message.groups import BY_NAME, GROUPS

ALL_SCHOOLS = "all"
MOST_BASES_OFFERED = 1000
MOST_DAYS = 3650
MOST_NAMED = 3


class CacheForm(forms.Form):
    """What is cleared. No group means All Base Data, no age everything."""

    group = forms.ChoiceField(
        label="Clear Cache",
        required=False,
        choices=[("", "All Base Data"), *((each.name, each.label) for each in GROUPS)],
    )
    days = forms.IntegerField(
        label="Only what has not changed for so many days",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        help_text="Empty clears it whatever its age.",
    )

    def wish(self) -> dict[str, Any]:
        """Groups and age as clearing asks for them; the form must be valid."""
        group, days = self.cleaned_data["group"], self.cleaned_data["days"]
        return {
            "groups": [group] if group else None,
            "before": clock.now() - timedelta(days=days) if days else None,
        }


@right("cache.clear")
def cache(request: HttpRequest) -> HttpResponse:
    """What to clear, for whom. Clears nothing."""
    chosen = chosen_bases(request)
    offered = bases_for(request.user).order_by(*by_name())[:MOST_BASES_OFFERED]
    context = {
        "form": CacheForm(),
        "chosen": chosen,
        "all_bases": [] if chosen.bases else offered,
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), ("Clear cache", "")) if chosen.bases else [],
    }
    return show(request, "system/cache.html", context, section="system")


@right("cache.clear")
def cache_confirm(request: HttpRequest) -> HttpResponse:
    """Says what clearing will cost; clears once that is confirmed."""
    asked = request.POST if request.method == "POST" else request.GET
    chosen, form = chosen_bases(request), CacheForm(asked)
    is_everywhere = asked.get("base") == ALL_SCHOOLS or (chosen.is_all and not chosen.text)
    if not form.is_valid() or not (is_everywhere or chosen.bases):
        offered = bases_for(request.user).order_by(*by_name())[:MOST_BASES_OFFERED]
        context = {"form": form, "chosen": chosen, "all_bases": offered, "has_none": not chosen.bases}
        return show(request, "system/cache.html", context, section="system")
    base_ids = to_clear_for(request.user, None if is_everywhere else chosen.ids)
    if request.method == "POST":
        cost = clear_cache(base_ids=base_ids, **form.wish(), by=user_id(request), now=clock.now())
        say(
            request,
            f"The cache was cleared: {cost.blocks:,} blocks will be compared with the register again.",
        )
        if cost.busy:
            refuse(request, _left(request, cost.busy), "Clear the cache again in a minute.")
        return redirect("tasks")
    context = {
        "cost": cost_of_clearing_for(request.user, base_ids=base_ids, **form.wish()),
        "whose": _whose(chosen, base_ids),
        "what": BY_NAME[form.cleaned_data["group"]].label if form.cleaned_data["group"] else "All Base Data",
        "days": form.cleaned_data["days"],
        "sent": [(key, value) for key, values in asked.lists() for value in values],
        "query": asked.urlencode(),
        "crumbs": crumbs(("Clear cache", f"/system/cache/?{chosen.query}"), ("Confirm", "")),
    }
    return show(request, "system/cache_confirm.html", context, section="system")


def _left(request: HttpRequest, base_ids: Collection[int]) -> str:
    found = bases_for(request.user).filter(pk__in=base_ids)
    named = found.order_by(*by_name()).values_list("name", flat=True)
    more = len(base_ids) - MOST_NAMED
    shown = ", ".join(named[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"A run is landing at {shown}, so nothing was cleared there."


def _whose(chosen: Chosen, base_ids: Collection[int] | None) -> str:
    if base_ids is None:
        return "all schools"
    return chosen.bases[0].name if len(chosen.bases) == 1 else counted(len(base_ids), "base")
