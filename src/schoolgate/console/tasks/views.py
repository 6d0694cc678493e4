"""B2B:Student, Scheduled Tasks: left the bases, right the tasks of what is ticked."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.authority.models import Authority
from schoolgate.bases.access import bases_for
from schoolgate.bases.queries import search
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.runs.queries import last_run_status, newest_of
from schoolgate.tasks.access import task_for
from schoolgate.tasks.actions import set_active
from schoolgate.tasks.models import Membership
from schoolgate.tasks.queries import counts_by_base, is_queued, memberships, schedule_in_words
from schoolgate.tasks.rules import RefusedError

BASES_SHOWN = 100


@right("tasks.view")
def tasks(request: HttpRequest) -> HttpResponse:
    """The page of the seed's picture. Ticked bases are ``?base=``; none ticked means all that are listed."""
    found = search(text=request.GET.get("q", ""), is_active=True).filter(
        pk__in=bases_for(request.user).values("pk")
    )
    bases = listing(found, query=_without(request, "task_page"), size=BASES_SHOWN)
    ticked = {int(each) for each in request.GET.getlist("base") if each.isdecimal()}
    rows = memberships(base_ids=ticked) if ticked else memberships().filter(base__in=found.values("pk"))
    if not request.GET.get("paused"):
        rows = rows.filter(task__is_active=True)
    query = request.GET.copy()
    query["page"] = query.get("task_page", "1")
    members = listing(rows, query=query)
    context = {
        "bases": bases,
        "counts": counts_by_base({base.pk for base in bases.rows}),
        "ticked": ticked,
        "base": bases_for(request.user).filter(pk__in=ticked).first() if len(ticked) == 1 else None,
        "text": request.GET.get("q", ""),
        "paused": bool(request.GET.get("paused")),
        "members": members,
        "task_pager": _task_pager(members.pager),
        "task_rows": _with_status(members.rows),
    }
    return show(request, "tasks/list.html", context, section="tasks")


def _without(request: HttpRequest, name: str) -> Any:
    query = request.GET.copy()
    query.pop(name, None)
    return query


def _task_pager(pager: dict[str, Any]) -> dict[str, Any]:
    """The pages of the right-hand list have a name of their own in the address."""
    links = [*pager.get("items", []), pager.get("previous") or {}, pager.get("next") or {}]
    for link in links:
        if "href" in link:
            link["href"] = link["href"].replace("page=", "task_page=")
    return pager


def _with_status(members: list[Membership] | Any) -> list[dict[str, Any]]:
    authority = Authority.objects.first()
    buffer_minutes = authority.buffer_minutes if authority else 60
    newest = newest_of((member.task_id, member.base_id) for member in members)
    now = clock.now()
    return [
        {
            "member": member,
            "is_queued": is_queued(member),
            "run": newest.get((member.task_id, member.base_id)),
            "status": last_run_status(
                newest.get((member.task_id, member.base_id)),
                next_due_at=member.next_due_at,
                now=now,
                buffer_minutes=buffer_minutes,
            ),
        }
        for member in members
    ]


@right("tasks.view")
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task: what, for whom, when, and how it went at each of its bases."""
    found = task_for(request.user, task_id)
    page = listing(memberships(task_id=found.pk), query=request.GET)
    groups = found.memberships.aggregate(bases=Count("pk"))
    context = {
        "task": found,
        "when": schedule_in_words(found, now=clock.now(), today=clock.today()),
        "listing": page,
        "members": _with_status(page.rows),
        "base_count": groups["bases"],
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), (found.name, "")),
    }
    return show(request, "tasks/task.html", context, section="tasks")


@require_POST
@right("tasks.edit")
def task_switch(request: HttpRequest, task_id: int) -> HttpResponse:
    """Makes a task active, or not."""
    found = task_for(request.user, task_id)
    is_active = request.POST.get("active") == "yes"
    try:
        set_active(found.pk, is_active=is_active, by=user_id(request), now=clock.now())
    except RefusedError as refusal:
        refuse(request, refusal.sentence, refusal.remedy)
    else:
        say(request, f"{found.name} is {'active' if is_active else 'not active any more'}.")
    return redirect("task", found.pk)
