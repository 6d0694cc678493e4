"""The queue: what is due, what waits and for what, what runs on which worker, and what is coming up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from schoolgate.authority.queries import defaults
from schoolgate.console.runs.gauges import gauges
from schoolgate.console.screen import crumbs, refuse, say, show, user_id
from schoolgate.lib import clock
from schoolgate.pages.charts import gauge
from schoolgate.pages.gate import right
from schoolgate.pages.words import lasted
from schoolgate.runs.access import run_for
from schoolgate.runs.actions import request_cancel
from schoolgate.runs.ordering import move_to_front
from schoolgate.runs.states import ACTIVE, FINISHED, Stage
from schoolgate.scheduling.access import QueueRow, queue_counts_for, queue_for, workers_for
from schoolgate.tasks.access import coming_up_for

ROWS_SHOWN = 100
COMING_SHOWN = 10


@right("runs.view")
def queue(request: HttpRequest) -> HttpResponse:
    """What is under way and what comes next, in the order it will go; renews itself."""
    now, counts = clock.now(), queue_counts_for(request.user)
    rows = queue_for(request.user, now=now, limit=ROWS_SHOWN)
    waiting_count = counts[Stage.DUE.value] + counts[Stage.WAITING.value]
    waiting = [_shown(row) for row in rows if row.position]
    context = {
        "at_work": [_shown(row) for row in rows if not row.position],
        "waiting": waiting,
        "waiting_more": max(waiting_count - len(waiting), 0),
        "active_count": sum(counts[stage] for stage in ACTIVE),
        "waiting_count": waiting_count,
        "coming": coming_up_for(request.user, now=now, limit=COMING_SHOWN),
        "workers": [each for each in workers_for(request.user, now=now) if each.lives],
        "limits": gauges(request.user, now=now),
        "refresh_seconds": defaults().refresh_seconds,
        "is_still": bool(request.GET.get("still")),
    }
    return show(request, "runs/queue.html", context, section="queue")


def _shown(row: QueueRow) -> dict[str, Any]:
    """A row with how long it runs, in words, and how far it is, as a width."""
    running = row.running_seconds
    return {
        "row": row,
        "running": lasted(timedelta(seconds=running)) if running is not None else "",
        "width": gauge(row.pages, limit=max(row.pages_expected, row.pages)) if row.pages_expected else None,
    }


@require_POST
@right("runs.order")
def run_front(request: HttpRequest, run_id: int) -> HttpResponse:
    """Lets a run go before all others that have not begun."""
    found = run_for(request.user, run_id)
    if move_to_front(found.pk, by=user_id(request), now=clock.now()):
        say(request, f"{found.task_name} of {found.base.name} goes next.")
    else:
        refuse(request, f"{found.task_name} of {found.base.name} has begun already, or is over.")
    return redirect("queue")


@right("runs.cancel")
def run_cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """Cancels a run cleanly, once that is confirmed; what it has not landed is not landed by halves."""
    found = run_for(request.user, run_id)
    if found.stage in FINISHED:
        return redirect("run", found.pk)
    if request.method == "POST":
        request_cancel(found.pk, by=user_id(request), now=clock.now())
        say(
            request,
            "The run will stop at its next checkpoint, unless it ends before. Nothing is landed by halves."
            if found.stage in ACTIVE
            else f"{found.task_name} of {found.base.name} will not run: it is cancelled.",
        )
        return redirect("queue") if request.POST.get("from") == "queue" else redirect("run", found.pk)
    context = {
        "run": found,
        "is_active": found.stage in ACTIVE,
        "from": request.GET.get("from", ""),
        "crumbs": crumbs(("Queue", "/queue/"), ("Cancel", "")),
    }
    return show(request, "runs/cancel.html", context, section="queue")
