"""Edit many tasks at once, and the bases of one task: who is in its group."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.bases.access import search_for
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.console.tasks.acting import may_change, tell_refused
from schoolgate.console.tasks.many_form import ManyForm
from schoolgate.console.tasks.picking import back_to_list, picked
from schoolgate.lib import clock
from schoolgate.pages.asked import numbers
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pages.words import counted
from schoolgate.tasks.access import check_bases_for, memberships_for, task_for
from schoolgate.tasks.actions import join, leave
from schoolgate.tasks.many import edit_many
from schoolgate.tasks.refusals import RefusedError

BASES_SHOWN = 100


@right("tasks.edit")
def tasks_edit_many(request: HttpRequest) -> HttpResponse:
    """The same changes to all ticked tasks; those they don't fit stay and are named."""
    chosen = picked(request)
    if len(chosen.tasks) == 1 and request.method == "GET":
        return redirect("task_edit", chosen.tasks[0].pk)
    form = ManyForm(request.POST if request.method == "POST" else None)
    if chosen.tasks and form.is_valid():
        with transaction.atomic():
            ids, refused = may_change(request, chosen)
            outcome = edit_many(ids, changes=form.changes(), by=user_id(request), now=clock.now())
        if outcome.changed:
            one = len(outcome.changed) == 1
            say(request, f"{counted(len(outcome.changed), 'task')} {'was' if one else 'were'} changed.")
        refused += [(each.name, f"{each.sentence} {each.remedy}") for each in outcome.refused]
        tell_refused(request, refused)
        return back_to_list(request)
    asked = request.POST if request.method == "POST" else request.GET
    context = {
        "form": form,
        "picked": chosen,
        "back": asked.get("back", ""),
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), ("Edit many", "")),
    }
    return show(request, "tasks/edit_many.html", context, section="tasks")


@right("tasks.edit")
def task_bases(request: HttpRequest, task_id: int) -> HttpResponse:
    """The group of a task: bases join or leave; SIMS 7 and SIMS Primary bases can't be grouped.

    Somebody who looks after some bases sees those alone; the others in the group stay as they are.
    """
    found = task_for(request.user, task_id)
    asked = request.POST if request.method == "POST" else request.GET
    shown = search_for(request.user, text=asked.get("q", ""), is_active=True)
    members = set(memberships_for(request.user, task_ids=[found.pk]).values_list("base_id", flat=True))
    if request.method == "POST":
        listed = numbers(request.POST.getlist("listed"))
        ticked = numbers(request.POST.getlist("base"))
        coming, going = (ticked & listed) - members, (members & listed) - ticked
        by, now = user_id(request), clock.now()
        try:
            check_bases_for(request.user, coming)
            if coming:
                join(found.pk, base_ids=coming, by=by, now=now)
            if going:
                leave(found.pk, base_ids=going, by=by, now=now)
        except RefusedError as refusal:
            refuse(request, refusal.sentence, refusal.remedy)
            return redirect(request.get_full_path())
        say(
            request,
            f"{found.name}: {counted(len(coming), 'base')} joined, {counted(len(going), 'base')} left.",
        )
        return redirect("task", found.pk) if members - going or coming else redirect("tasks")
    context = {
        "task": found,
        "listing": listing(shown, query=request.GET, size=BASES_SHOWN),
        "members": members,
        "text": request.GET.get("q", ""),
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), (found.name, f"/tasks/{found.pk}/"), ("Bases", "")),
    }
    return show(request, "tasks/bases.html", context, section="tasks")
