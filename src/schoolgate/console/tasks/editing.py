"""Add New Task and its editing; both end with the schedule in words and the next five occurrences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.accounts.rights import Right, may
from schoolgate.bases.access import Base, Mis, bases_for
from schoolgate.bases.queries import by_name
from schoolgate.console.screen import crumbs, say, show, show_part, user_id
from schoolgate.console.tasks.coming import Coming, coming
from schoolgate.console.tasks.forms import TaskForm, initial_for_new, initial_of
from schoolgate.console.tasks.offer import chosen_bases, first_choice, offer_for
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.tasks.access import ScheduledTask, check_reach_for, reaching_beyond_for, task_for
from schoolgate.tasks.actions import change_owner, create_task, edit_task, set_locked
from schoolgate.tasks.queries import schedule_in_words
from schoolgate.tasks.refusals import RefusedError

MOST_BASES_OFFERED = 1000


@right("tasks.edit")
def task_new(request: HttpRequest) -> HttpResponse:
    """Add New Task for the ticked bases, or for one chosen on the form."""
    chosen = chosen_bases(request)
    initial = initial_for_new() | first_choice(offer_for(chosen.bases))
    form = TaskForm(request.POST if request.method == "POST" else None, initial=initial)
    if chosen.bases and form.is_valid() and "check" not in request.POST:
        try:
            made = _create(form, chosen.ids, request)
        except RefusedError as refusal:
            _tell(form, refusal)
        else:
            when = schedule_in_words(made, now=clock.now(), today=clock.today())
            say(request, f"{made.name} was saved. {when}.")
            return redirect("task", made.pk)
    offered = bases_for(request.user).filter(is_active=True).order_by(*by_name())[:MOST_BASES_OFFERED]
    context = _about(request, form, list(chosen.bases)) | {
        "task": None,
        "chosen": chosen,
        "all_bases": [] if chosen.bases else offered,
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), ("Add New Task", "")),
    }
    return show(request, "tasks/edit.html", context, section="tasks")


@right("tasks.edit")
def task_edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """Changes a task; its bases stay. One that also reaches others' bases is shown and not changed."""
    found = task_for(request.user, task_id)
    bases = list(bases_for(request.user).filter(memberships__task=found).order_by(*by_name()))
    form = TaskForm(request.POST if request.method == "POST" else None, initial=initial_of(found))
    if form.is_valid() and "check" not in request.POST:
        try:
            _edit(found, form, request)
        except RefusedError as refusal:
            _tell(form, refusal)
        else:
            found = task_for(request.user, found.pk)
            when = schedule_in_words(found, now=clock.now(), today=clock.today())
            say(request, f"{found.name} was saved. {when}.")
            return redirect("task", found.pk)
    context = _about(request, form, bases) | {
        "task": found,
        "reaches_beyond": bool(reaching_beyond_for(request.user, [found.pk])),
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), (found.name, f"/tasks/{found.pk}/"), ("Edit", "")),
    }
    return show(request, "tasks/edit.html", context, section="tasks")


@require_POST
@right("tasks.edit")
def task_preview(request: HttpRequest) -> HttpResponse:
    """The schedule of a form that is being filled in, asked for by htmx whenever a field changes."""
    form = TaskForm(request.POST)
    chosen = chosen_bases(request)
    return show_part(request, "tasks/coming.html", {"coming": _coming(request, form, chosen.ids)})


@transaction.atomic
def _create(form: TaskForm, base_ids: list[int], request: HttpRequest) -> ScheduledTask:
    by, now = user_id(request), clock.now()
    made = create_task(base_ids=base_ids, owner=form.cleaned_data["owner"], **_given(form), by=by, now=now)
    if form.cleaned_data["is_locked"] and may(request.user, Right.TASKS_LOCK):
        set_locked(made.pk, is_locked=True, by=by, now=now)
    return made


@transaction.atomic
def _edit(found: ScheduledTask, form: TaskForm, request: HttpRequest) -> None:
    """A lock that is lifted comes off first, one that is set goes on last."""
    check_reach_for(request.user, found.pk)
    by, now = user_id(request), clock.now()
    wants_lock = form.cleaned_data["is_locked"] if may(request.user, Right.TASKS_LOCK) else found.is_locked
    if found.is_locked and not wants_lock:
        set_locked(found.pk, is_locked=False, by=by, now=now)
    edit_task(found.pk, **_given(form), by=by, now=now)
    if form.cleaned_data["owner"] != found.owner:
        change_owner(found.pk, owner=form.cleaned_data["owner"], by=by, now=now)
    if wants_lock and not found.is_locked:
        set_locked(found.pk, is_locked=True, by=by, now=now)


def _given(form: TaskForm) -> dict[str, Any]:
    return {
        "name": form.cleaned_data["name"],
        "data_type": form.data_type(),
        "transfer_type": form.cleaned_data["transfer_type"],
        "schedule": form.schedule(),
        "cohort": form.cohort(),
        "is_active": form.cleaned_data["is_active"],
    }


def _tell(form: TaskForm, refusal: RefusedError) -> None:
    """Puts a refusal beside the field it is about; one about the bases stands at the top."""
    field = refusal.field
    if field == "data_type":
        field = (
            "attendance_type" if form.cleaned_data["attendance_type"] == form.data_type() else "data_filter"
        )
    form.add_error(field if field in form.fields else None, f"{refusal.sentence} {refusal.remedy}")


def _about(request: HttpRequest, form: TaskForm, bases: list[Base]) -> dict[str, Any]:
    by_kind = {kind.value: [base for base in bases if base.mis == kind] for kind in Mis}
    return {
        "form": form,
        "bases": bases,
        "by_kind": by_kind,
        "locked": [base for base in bases if base.is_locked],
        "offer": offer_for(bases),
        "coming": _coming(request, form, [base.pk for base in bases]),
    }


def _coming(request: HttpRequest, form: TaskForm, base_ids: list[int]) -> Coming | None:
    """What the form says so far; ``None`` while its schedule can't be read."""
    asked = form if form.is_bound else TaskForm(_as_sent(form.initial))
    asked.is_valid()
    needed = ("frequency", "starts_on", "start_time", "weekdays", "months", "window_minutes", "expires_on")
    if any(name not in asked.cleaned_data for name in needed):
        return None
    asked.cleaned_data.setdefault("month_day", None)
    asked.cleaned_data.setdefault("repeat_minutes", None)
    asked.cleaned_data.setdefault("repeat_until", None)
    return coming(request.user, asked.schedule(), base_ids=base_ids, now=clock.now())


def _as_sent(initial: Mapping[str, Any]) -> dict[str, Any]:
    """The first values of a form as a browser would send them; what is off is not sent."""
    return {name: value for name, value in initial.items() if value is not None and value is not False}
