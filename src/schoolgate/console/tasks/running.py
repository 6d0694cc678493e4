"""Run now: what will happen, then the run, ahead of the nightly ones."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.bases.access import base_for
from schoolgate.bases.models import Base, Mis
from schoolgate.bases.queries import state_of
from schoolgate.bases.rules import ConnectionState
from schoolgate.collecting.actions import enqueue_run
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.console.tasks.forms import year_label
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.runs.actions import plan_run
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin
from schoolgate.tasks.access import task_for
from schoolgate.tasks.models import TaskDataType
from schoolgate.tasks.queries import memberships
from schoolgate.tasks.rules import NC_YEARS

OFFICER_PRIORITY = 10
"""Before everything the planner plans."""
MEANINGS = {
    "snapshot": "Everything of every pupil in the cohort; what is known to have landed is trapped.",
    "changed_data": "What changed since the last successful run of this kind.",
    "attendance_changed_data": "The marks that changed, three months back at most.",
}


class RunForm(forms.Form):
    """What an officer wants collected now."""

    data_type = forms.ChoiceField(
        label="What is collected", choices=TaskDataType.choices, widget=forms.RadioSelect
    )
    nc_years = forms.MultipleChoiceField(
        label="NCY",
        choices=[(year, year_label(year)) for year in NC_YEARS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick none for all years.",
    )


@right("tasks.run")
def base_run(request: HttpRequest, base_id: int) -> HttpResponse:
    """Collects one base now, without a task."""
    base = base_for(request.user, base_id)
    form = RunForm(request.POST or None, initial={"data_type": request.GET.get("data") or "snapshot"})
    obstacle = _obstacle(base)
    if not obstacle and form.is_valid():
        given = form.cleaned_data
        run = _start(base, data_type=given["data_type"], nc_years=given["nc_years"], by=user_id(request))
        say(request, "The run was asked for. It goes before the nightly ones; this page follows it.")
        return redirect("run", run.pk)
    context = {
        "base": base,
        "form": form,
        "obstacle": obstacle,
        "meanings": MEANINGS,
        "crumbs": crumbs(("Bases", "/bases/"), (base.name, f"/bases/{base.pk}/"), ("Run now", "")),
    }
    return show(request, "tasks/run_base.html", context, section="bases")


@right("tasks.run")
def task_run(request: HttpRequest, task_id: int) -> HttpResponse:
    """Runs a task now, at one of its bases or at all; says first what that means."""
    task = task_for(request.user, task_id)
    members = list(memberships(task_id=task.pk).select_related("base__connection"))
    wanted = request.GET.get("base", "") or request.POST.get("base", "")
    if wanted.isdecimal():
        members = [member for member in members if member.base_id == int(wanted)]
    ready = [member.base for member in members if not _obstacle(member.base)]
    if request.method == "POST" and ready:
        runs = _start_all(ready, task_id=task.pk, data_type=task.data_type, by=user_id(request))
        if len(runs) == 1:
            say(request, "The run was asked for. It goes before the nightly ones; this page follows it.")
            return redirect("run", runs[0].pk)
        say(request, f"{len(runs)} runs were asked for. They go before the nightly ones.")
        return redirect("queue")
    if request.method == "POST":
        refuse(request, "No base of this task can be collected now.", "See why below.")
    context = {
        "task": task,
        "ready": ready,
        "blocked": [(member.base, _obstacle(member.base)) for member in members if member.base not in ready],
        "wanted": wanted,
        "meaning": MEANINGS[task.data_type],
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), (task.name, f"/tasks/{task.pk}/"), ("Run now", "")),
    }
    return show(request, "tasks/run_task.html", context, section="tasks")


def _obstacle(base: Base) -> str:
    """Why the base can't be collected now; empty when it can."""
    if not base.is_active:
        return "The base is not active."
    if base.mis != Mis.SIMS_PRIMARY:
        return "The base is still on SIMS 7."
    if state_of(getattr(base, "connection", None)) is ConnectionState.MISSING:
        return "Its SIMS Primary settings are missing."
    return ""


@transaction.atomic
def _start_all(bases: Iterable[Base], *, task_id: int, data_type: str, by: int) -> list[Run]:
    return [_start(base, data_type=data_type, task_id=task_id, by=by) for base in bases]


@transaction.atomic
def _start(
    base: Base, *, data_type: str, nc_years: Iterable[str] = (), task_id: int | None = None, by: int
) -> Run:
    now = clock.now()
    run = plan_run(
        base_id=base.pk,
        task_id=task_id,
        origin=Origin.AD_HOC,
        data_type=data_type,
        nc_years=list(nc_years),
        planned_at=now,
        priority=OFFICER_PRIORITY,
        requested_by=by,
        now=now,
    )
    enqueue_run(run.pk, priority=OFFICER_PRIORITY)
    return run
