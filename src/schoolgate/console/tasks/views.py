"""B2B:Student, Scheduled Tasks: left the bases, right the tasks of what is ticked; and one task's page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse

from schoolgate.accounts.rights import Person
from schoolgate.authority.queries import defaults
from schoolgate.bases.access import Base, bases_for, search_for
from schoolgate.bases.queries import by_name
from schoolgate.console.screen import crumbs, show
from schoolgate.console.tasks.coming import coming
from schoolgate.console.tasks.filters import TaskFilter, how_many_queued, without
from schoolgate.lib import clock
from schoolgate.pages.asked import numbers
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.runs.access import newest_for
from schoolgate.runs.queries import last_run_status
from schoolgate.runs.states import LastRunStatus
from schoolgate.tasks.access import Membership, counts_for, memberships_for, reaching_beyond_for, task_for
from schoolgate.tasks.queries import cohort_of, is_queued, schedule_of

BASES_SHOWN = 100
CONTACTS_SHOWN = 50
MISSING = (LastRunStatus.FAILED, LastRunStatus.MISSED)
FILTER_NAMES = ("name", "data_type", "owner", "show", "last")


@right("tasks.view")
def tasks(request: HttpRequest) -> HttpResponse:
    """The page of the seed's picture.

    Ticked bases are ``?base=``; ``?all=1`` means all that the search finds, as does ticking none.
    """
    text, is_all = request.GET.get("q", ""), bool(request.GET.get("all"))
    found = search_for(request.user, text=text, is_active=True)
    bases = listing(found, query=without(request.GET, "task_page"), size=BASES_SHOWN)
    ticked = set() if is_all else numbers(request.GET.getlist("base"))
    form = TaskFilter(request.GET).offer()
    rows = memberships_for(request.user, base_ids=ticked or None)
    rows = rows if ticked else rows.filter(base__in=found.order_by().values("pk"))
    query = request.GET.copy()
    query["page"] = query.get("task_page", "1")
    narrowed = form.narrow(rows)
    members = listing(narrowed, query=query)
    chosen = list(bases_for(request.user).filter(pk__in=ticked).order_by(*by_name()))
    context = {
        "form": form,
        "queued_count": how_many_queued(narrowed),
        "bases": bases,
        "counts": counts_for(request.user, {base.pk for base in bases.rows}),
        "ticked": ticked,
        "is_all": is_all,
        "chosen": chosen,
        "base": chosen[0] if len(chosen) == 1 else None,
        "locked": [base for base in chosen if base.is_locked],
        "contacts": _contacts(chosen),
        "text": text,
        "kept": [(name, value) for name in FILTER_NAMES if (value := request.GET.get(name))],
        "unfiltered": without(request.GET, *FILTER_NAMES, "task_page").urlencode(),
        "back": request.GET.urlencode(),
        "unshown": without(request.GET, "show", "task_page").urlencode(),
        "members": members,
        "task_pager": _task_pager(members.pager),
        "task_rows": with_status(request.user, members.rows),
    }
    return show(request, "tasks/list.html", context, section="tasks")


def _contacts(chosen: Iterable[Base]) -> list[str]:
    """The e-mail addresses of the chosen schools, for one message to all; none when they are too many."""
    found = [base.contact_email for base in chosen if base.contact_email]
    return found if len(found) <= CONTACTS_SHOWN else []


def _task_pager(pager: dict[str, Any]) -> dict[str, Any]:
    """The pages of the right-hand list have a name of their own in the address."""
    links = [*pager.get("items", []), pager.get("previous") or {}, pager.get("next") or {}]
    for link in links:
        if "href" in link:
            link["href"] = link["href"].replace("page=", "task_page=")
    return pager


def with_status(user: Person, members: Iterable[Membership]) -> list[dict[str, Any]]:
    """Rows with whether they are Queued, their newest run and what it is called."""
    rows = list(members)
    buffer_minutes = defaults().buffer_minutes
    newest = newest_for(user, ((member.task_id, member.base_id) for member in rows))
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
        for member in rows
    ]


@right("tasks.view")
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """One task: what, for whom, when, and how it went at each of its bases."""
    found = task_for(request.user, task_id)
    page = listing(memberships_for(request.user, task_ids=[found.pk]), query=request.GET)
    members = with_status(request.user, page.rows)
    only = [page.rows[0].base_id] if page.total == 1 else []
    seen = bases_for(request.user)
    locked = seen.filter(memberships__task=found, is_locked=True).order_by(*by_name()).first()
    context = {
        "task": found,
        "cohort": cohort_of(found),
        "coming": coming(request.user, schedule_of(found), base_ids=only, now=clock.now()),
        "listing": page,
        "members": members,
        "missing": sum(member["status"] in MISSING for member in members),
        "locked": locked,
        "reaches_beyond": bool(reaching_beyond_for(request.user, [found.pk])),
        "crumbs": crumbs(("Scheduled Tasks", "/tasks/"), (found.name, "")),
    }
    return show(request, "tasks/task.html", context, section="tasks")
