"""Add New Task and its editing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.bases.access import bases_for
from schoolgate.bases.models import Base, Mis
from schoolgate.console.screen import crumbs, say, show, user_id
from schoolgate.console.tasks.forms import TaskForm, initial_of
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.tasks.access import task_for
from schoolgate.tasks.actions import create_task, edit_task
from schoolgate.tasks.queries import schedule_in_words
from schoolgate.tasks.rules import RefusedError, check_schedule, in_words, next_due

FIELDS_OF_REFUSALS = {"data_type": "data_filter", "bases": None, "": None}


@right("tasks.edit")
def task_new(request: HttpRequest) -> HttpResponse:
    """Add New Task for the ticked bases; ends with the schedule in words."""
    asked = request.POST if request.method == "POST" else request.GET
    ids = {int(each) for each in asked.getlist("base") if each.isdecimal()}
    bases = list(bases_for(request.user).filter(pk__in=ids, is_active=True))
    initial = {
        "is_active": True, "data_filter": "student", "student_type": "changed_data",
        "attendance_type": "attendance_changed_data", "frequency": "weekly",
        "weekdays": ["0", "1", "2", "3", "4"], "months": [str(month) for month in range(1, 13)],
        "start_time": "02:10", "starts_on": clock.today() + timedelta(days=1), "month_day": 1,
    }  # fmt: skip
    form = TaskForm(request.POST if _is_sent(request) else None, initial=initial)
    if bases and form.is_valid() and "check" not in request.POST:
        try:
            made = create_task(
                base_ids=[base.pk for base in bases], **_given(form), by=user_id(request), now=clock.now()
            )
        except RefusedError as refusal:
            _tell(form, refusal)
        else:
            when = schedule_in_words(made, now=clock.now(), today=clock.today())
            say(request, f"{made.name} was saved. {when}.")
            return redirect("task", made.pk)
    context = _about(form, bases) | {
        "all_bases": bases_for(request.user).filter(is_active=True).order_by("name")[:1000]
        if not bases
        else [],
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), ("Add New Task", "")),
    }
    return show(request, "tasks/edit.html", context, section="tasks")


@right("tasks.edit")
def task_edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """Changes a task; its bases stay."""
    found = task_for(request.user, task_id)
    bases = list(Base.objects.filter(memberships__task=found))
    form = TaskForm(request.POST if _is_sent(request) else None, initial=initial_of(found))
    if form.is_valid() and "check" not in request.POST:
        try:
            edit_task(found.pk, **_given(form), by=user_id(request), now=clock.now())
        except RefusedError as refusal:
            _tell(form, refusal)
        else:
            found.refresh_from_db()
            say(
                request,
                f"{found.name} was saved. {schedule_in_words(found, now=clock.now(), today=clock.today())}.",
            )
            return redirect("task", found.pk)
    context = _about(form, bases) | {
        "task": found,
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), (found.name, f"/tasks/{found.pk}/"), ("Edit", "")),
    }
    return show(request, "tasks/edit.html", context, section="tasks")


def _is_sent(request: HttpRequest) -> bool:
    """Choosing the bases is a step of its own and judges nothing yet."""
    return request.method == "POST" and "choose" not in request.POST


def _given(form: TaskForm) -> dict[str, Any]:
    return {
        "name": form.cleaned_data["name"],
        "data_type": form.data_type(),
        "schedule": form.schedule(),
        "nc_years": form.cleaned_data["nc_years"],
        "is_active": form.cleaned_data["is_active"],
    }


def _tell(form: TaskForm, refusal: RefusedError) -> None:
    field = FIELDS_OF_REFUSALS.get(refusal.field, refusal.field)
    form.add_error(field if field in form.fields else None, f"{refusal.sentence} {refusal.remedy}")


def _about(form: TaskForm, bases: list[Base]) -> dict[str, Any]:
    waiting = [base for base in bases if base.mis != Mis.SIMS_PRIMARY]
    return {"form": form, "bases": bases, "waiting": waiting, "when": _in_words(form)}


def _in_words(form: TaskForm) -> str:
    """The schedule as it would be said; empty while the form can't say it."""
    if not form.is_bound or not form.is_valid():
        return ""
    schedule = form.schedule()
    try:
        check_schedule(schedule)
    except RefusedError:
        return ""
    return in_words(schedule, first_at=next_due(schedule, clock.now()), today=clock.today())
