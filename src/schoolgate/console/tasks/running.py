"""Run now: what will happen, then the run, ahead of the nightly ones."""

from __future__ import annotations

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.bases.access import Base, Mis, base_for
from schoolgate.bases.queries import state_of
from schoolgate.bases.rules import ConnectionState
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.console.tasks.forms import year_label
from schoolgate.console.tasks.picking import Picked, back_to_list, picked
from schoolgate.lib import clock
from schoolgate.pages.asked import number
from schoolgate.pages.gate import right
from schoolgate.runs.access import Run
from schoolgate.runs.actions import plan_run
from schoolgate.runs.engine import enqueue
from schoolgate.runs.states import Origin
from schoolgate.scheduling.actions import OFFICER_PRIORITY, obstacle, run_now
from schoolgate.tasks.access import Membership, memberships_for, task_for
from schoolgate.tasks.cohorts import NC_YEARS
from schoolgate.tasks.queries import cohort_of
from schoolgate_message.data_types import DataType

MEANINGS = {
    "snapshot": "Everything of every pupil in the cohort; what is known to have landed is trapped.",
    "changed_data": "What changed since the last successful run of this kind.",
    "attendance_changed_data": "The marks that changed, three months back at most.",
}
BLOCKED_SHOWN = 20


class RunForm(forms.Form):
    """What an officer wants collected now."""

    data_type = forms.ChoiceField(
        label="What is collected",
        choices=[(value, DataType(value).label) for value in MEANINGS],
        widget=forms.RadioSelect,
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
    why_not = _obstacle(base)
    if not why_not and form.is_valid():
        run = _start(base, form=form, by=user_id(request))
        say(request, "The run was asked for. It goes before the nightly ones; this page follows it.")
        return redirect("run", run.pk)
    context = {
        "base": base,
        "form": form,
        "obstacle": why_not,
        "meanings": MEANINGS,
        "crumbs": crumbs(("Bases", "/bases/"), (base.name, f"/bases/{base.pk}/"), ("Run now", "")),
    }
    return show(request, "tasks/run_base.html", context, section="bases")


@right("tasks.run")
def task_run(request: HttpRequest, task_id: int) -> HttpResponse:
    """Runs a task now, at one of its bases or at all; says first what that means."""
    task = task_for(request.user, task_id)
    members = _members(request, [task.pk])
    wanted = request.GET.get("base", "") or request.POST.get("base", "")
    base_id = number(wanted)
    if base_id is not None:
        members = [member for member in members if member.base_id == base_id]
    if request.method == "POST":
        return _run(request, members) or redirect("task", task.pk)
    context = _about(members) | {
        "task": task,
        "cohort": cohort_of(task),
        "wanted": wanted,
        "meaning": MEANINGS.get(task.data_type, ""),
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), (task.name, f"/tasks/{task.pk}/"), ("Run now", "")),
    }
    return show(request, "tasks/run_task.html", context, section="tasks")


@right("tasks.run")
def tasks_run(request: HttpRequest) -> HttpResponse:
    """Runs the ticked tasks now, each at the ticked base."""
    chosen = picked(request)
    members = _chosen_members(request, chosen)
    if request.method == "POST":
        return _run(request, members) or back_to_list(request)
    context = _about(members) | {"members": members, "back": request.GET.get("back", "")}
    return show(request, "tasks/run_many.html", context, section="tasks")


def _chosen_members(request: HttpRequest, chosen: Picked) -> list[Membership]:
    """The ticked rows with what an obstacle is read from; without rows, all of the named tasks."""
    if not chosen.members:
        return _members(request, chosen.task_ids)
    ids = {member.pk for member in chosen.members}
    return [member for member in _members(request, chosen.task_ids) if member.pk in ids]


def _members(request: HttpRequest, task_ids: list[int]) -> list[Membership]:
    return list(memberships_for(request.user, task_ids=task_ids).prefetch_related("base__connections"))


def _about(members: list[Membership]) -> dict[str, object]:
    """Who can be collected now and who can't, and why."""
    blocked = [(member, why) for member in members if (why := obstacle(member))]
    shut = {member.pk for member, _ in blocked}
    return {
        "ready": [member for member in members if member.pk not in shut],
        "blocked": blocked[:BLOCKED_SHOWN],
        "blocked_more": max(len(blocked) - BLOCKED_SHOWN, 0),
    }


def _run(request: HttpRequest, members: list[Membership]) -> HttpResponse | None:
    """Asks for the runs; ``None`` when there is nothing to follow."""
    by, now = user_id(request), clock.now()
    by_task: dict[int, list[int]] = {}
    for member in members:
        by_task.setdefault(member.task_id, []).append(member.base_id)
    runs: list[int] = []
    with transaction.atomic():
        for task_id, base_ids in by_task.items():
            runs += run_now(task_id, base_ids=base_ids, by=by, now=now).runs
    if len(runs) == 1:
        say(request, "The run was asked for. It goes before the nightly ones; this page follows it.")
        return redirect("run", runs[0])
    if runs:
        say(request, f"{len(runs)} runs were asked for. They go before the nightly ones.")
        return redirect("queue")
    refuse(request, "None of these bases can be collected now.", "Press Run now to see why.")
    return None


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
def _start(base: Base, *, form: RunForm, by: int) -> Run:
    now = clock.now()
    run = plan_run(
        base_id=base.pk,
        origin=Origin.AD_HOC,
        data_type=form.cleaned_data["data_type"],
        nc_years=form.cleaned_data["nc_years"],
        planned_at=now,
        priority=OFFICER_PRIORITY,
        requested_by=by,
        now=now,
    )
    enqueue(run.pk)
    return run
