"""What can be done with the ticked tasks: run now, pause, resume, clone, edit, change owner, lock, delete."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from schoolgate.accounts.rights import Right, may
from schoolgate.console.screen import refuse, say, show, user_id
from schoolgate.console.tasks.picking import Picked, back_to_list, picked
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.words import counted
from schoolgate.tasks.access import Owner, ScheduledTask, check_reach_for
from schoolgate.tasks.actions import change_owner, clone_task, set_active, set_locked
from schoolgate.tasks.many import delete_inactive
from schoolgate.tasks.refusals import RefusedError

Act = Callable[[int, int, datetime], object]

MOST_REFUSALS_SHOWN = 5

RIGHTS = {
    "run": Right.TASKS_RUN,
    "edit": Right.TASKS_EDIT,
    "pause": Right.TASKS_EDIT,
    "resume": Right.TASKS_EDIT,
    "clone": Right.TASKS_EDIT,
    "owner-la": Right.TASKS_EDIT,
    "owner-school": Right.TASKS_EDIT,
    "lock": Right.TASKS_LOCK,
    "unlock": Right.TASKS_LOCK,
    "delete": Right.TASKS_DELETE,
}
DONE = {
    "pause": "paused",
    "resume": "active again",
    "owner-la": "owned by the LA now",
    "owner-school": "owned by the school now",
    "lock": "locked to school use only",
    "unlock": "unlocked",
}
PAGES = {"run": "tasks_run", "edit": "tasks_edit_many", "delete": "tasks_delete"}
"""Errands with a page of their own, which says first what will happen."""


def _acts() -> dict[str, Act]:
    return {
        "pause": lambda task, by, now: set_active(task, is_active=False, by=by, now=now),
        "resume": lambda task, by, now: set_active(task, is_active=True, by=by, now=now),
        "owner-la": lambda task, by, now: change_owner(task, owner=Owner.LA, by=by, now=now),
        "owner-school": lambda task, by, now: change_owner(task, owner=Owner.SCHOOL, by=by, now=now),
        "lock": lambda task, by, now: set_locked(task, is_locked=True, by=by, now=now),
        "unlock": lambda task, by, now: set_locked(task, is_locked=False, by=by, now=now),
    }


@require_POST
@right("tasks.view")
def tasks_do(request: HttpRequest) -> HttpResponse:
    """Does what the pressed button says with the ticked rows; each errand asks for its own right."""
    errand, chosen = request.POST.get("do", ""), picked(request)
    if errand not in RIGHTS or not may(request.user, RIGHTS[errand]):
        raise PermissionDenied
    if not chosen.tasks:
        refuse(request, "No task is ticked.", "Tick the tasks first, then press what to do with them.")
        return back_to_list(request)
    if errand in PAGES:
        return redirect(f"{reverse(PAGES[errand])}?{_address(request, chosen)}")
    if errand == "clone":
        return _clone(request, chosen)
    act, by, now = _acts()[errand], user_id(request), clock.now()
    done, refused = _each(request, chosen, lambda task: act(task.pk, by, now))
    if done:
        places = sum(chosen.bases_of[task.pk] for task in done)
        subject = done[0].name if len(done) == 1 else f"{len(done)} tasks"
        group = f" ({counted(places, 'base')})" if places > 1 else ""
        say(request, f"{subject}{group} {'is' if len(done) == 1 else 'are'} {DONE[errand]}.")
    tell_refused(request, refused)
    return back_to_list(request)


def _clone(request: HttpRequest, chosen: Picked) -> HttpResponse:
    by, now = user_id(request), clock.now()
    made: list[ScheduledTask] = []
    _, refused = _each(request, chosen, lambda task: made.append(clone_task(task.pk, by=by, now=now)))
    tell_refused(request, refused)
    if len(made) == 1:
        say(request, f"This is a copy, {made[0].name}. Change what is to differ, tick Active and save.")
        return redirect("task_edit", made[0].pk)
    if made:
        say(request, f"{len(made)} copies were made. They are not active until somebody resumes them.")
        return redirect(f"{reverse('tasks')}?show=all&name=(copy)")
    return back_to_list(request)


def _each(
    request: HttpRequest, chosen: Picked, act: Callable[[ScheduledTask], object]
) -> tuple[list[ScheduledTask], list[tuple[str, str]]]:
    """Acts task by task; what is refused is told, and the rest goes on."""
    done: list[ScheduledTask] = []
    refused: list[tuple[str, str]] = []
    for task in chosen.tasks:
        try:
            with transaction.atomic():
                check_reach_for(request.user, task.pk)
                act(task)
        except RefusedError as refusal:
            refused.append((task.name, f"{refusal.sentence} {refusal.remedy}"))
        else:
            done.append(task)
    return done, refused


def may_change(request: HttpRequest, chosen: Picked) -> tuple[list[int], list[tuple[str, str]]]:
    """The picked tasks this person may change, and those that also reach others' bases, with why not.

    Ask in the transaction that changes them.
    """
    ids: list[int] = []
    refused: list[tuple[str, str]] = []
    for task in chosen.tasks:
        try:
            check_reach_for(request.user, task.pk)
        except RefusedError as refusal:
            refused.append((task.name, f"{refusal.sentence} {refusal.remedy}"))
        else:
            ids.append(task.pk)
    return ids, refused


def tell_refused(request: HttpRequest, refused: list[tuple[str, str]]) -> None:
    """One notice a task that stayed as it was, and one for the rest."""
    for name, why in refused[:MOST_REFUSALS_SHOWN]:
        refuse(request, f"{name} stayed as it was.", why)
    if len(refused) > MOST_REFUSALS_SHOWN:
        refuse(request, f"{len(refused) - MOST_REFUSALS_SHOWN} more tasks stayed as they were.")


def _address(request: HttpRequest, chosen: Picked) -> str:
    """The ticked rows and the way back, for the page of an errand."""
    kept = request.POST.copy()
    for name in ("csrfmiddlewaretoken", "do"):
        kept.pop(name, None)
    if not chosen.members:
        kept.setlist("task", [str(each) for each in chosen.task_ids])
    return kept.urlencode()


@right("tasks.delete")
def tasks_delete(request: HttpRequest) -> HttpResponse:
    """Deletes tasks that are not active, once that is confirmed; runs and the task log stay."""
    chosen = picked(request)
    active = [task for task in chosen.tasks if task.is_active]
    if request.method == "POST" and chosen.tasks:
        with transaction.atomic():
            ids, refused = may_change(request, chosen)
            outcome = delete_inactive(ids, by=user_id(request), now=clock.now())
        if outcome.changed:
            gone = len(outcome.changed)
            say(request, f"{counted(gone, 'task')} {'was' if gone == 1 else 'were'} deleted.")
        refused += [(each.name, f"{each.sentence} {each.remedy}") for each in outcome.refused]
        tell_refused(request, refused)
        return redirect(f"{reverse('tasks')}?{request.POST.get('back', '')}")
    context = {
        "picked": chosen,
        "active": active,
        "inactive": [task for task in chosen.tasks if not task.is_active],
        "back": request.GET.get("back", ""),
    }
    return show(request, "tasks/delete.html", context, section="tasks")
