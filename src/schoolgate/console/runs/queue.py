"""The queue and the health of what works through it; and what landing held back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from schoolgate.collecting.models import SourceLimit, SourceTurn
from schoolgate.console.screen import show
from schoolgate.lib import clock
from schoolgate.pages.charts import gauge
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pupils.queries import names_of
from schoolgate.runs.access import runs_for
from schoolgate.runs.models import RunException
from schoolgate.runs.queries import unfinished
from schoolgate.runs.states import ACTIVE, Stage
from schoolgate.tasks.queries import next_due_anywhere

ALIVE = timedelta(seconds=15)
SIMS_PRIMARY_CALLS = 5.0
"""A second, over all bases, where an administrator has not said otherwise."""
LOOK_BACK = timedelta(days=30)
KINDS = (("", "All"), ("held removal", "Held removals"), ("unmatched", "Unmatched"), ("refused", "Refused"))


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """The use of one source's limit in the last second."""

    used: int
    allowed: str
    width: float


@right("runs.view")
def queue(request: HttpRequest) -> HttpResponse:
    """What is due, what waits and for what, what runs where; workers and the limiter."""
    now = clock.now()
    rows = unfinished().filter(pk__in=runs_for(request.user).values("pk")).defer("cohort")
    counts = {
        row["stage"]: row["count"]
        for row in unfinished().order_by().values("stage").annotate(count=Count("pk"))
    }
    active = sum(counts.get(stage, 0) for stage in ACTIVE)
    context = {
        "listing": listing(rows, query=request.GET),
        "active_count": active,
        "waiting_count": counts.get(Stage.WAITING.value, 0) + counts.get(Stage.DUE.value, 0),
        "next_due_at": next_due_anywhere(),
        "workers": _workers_alive(now=now),
        "limits": _limits(now=now),
    }
    return show(request, "runs/queue.html", context, section="queue")


@right("runs.view")
def held(request: HttpRequest) -> HttpResponse:
    """Removals inferred from absence, unmatched pupils and refused blocks of the last 30 days; read only."""
    kind = request.GET.get("kind", "")
    kinds = [key for key, _ in KINDS if key]
    since = clock.now() - LOOK_BACK
    found = RunException.objects.filter(kind__in=kinds, run__planned_at__gte=since)
    counts = {row["kind"]: row["count"] for row in found.values("kind").annotate(count=Count("pk"))}
    rows = found.filter(kind=kind) if kind in kinds else found
    rows = rows.filter(run__in=runs_for(request.user).values("pk"))
    page = listing(rows.select_related("run__base").defer("run__cohort").order_by("-id"), query=request.GET)
    context = {
        "listing": page,
        "counts": {key: counts.get(key, 0) for key in kinds},
        "kind": kind,
        "kinds": KINDS,
        "names": names_of({each.pupil_id for each in page.rows if each.pupil_id is not None}),
    }
    return show(request, "runs/held.html", context, section="held")


def _workers_alive(*, now: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > %s", [now - ALIVE])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _limits(*, now: datetime) -> list[Gauge]:
    """How many of a second's calls are given out already, for every source that was called of late."""
    own = SourceLimit.objects.first()
    allowed = own.calls_per_second if own else SIMS_PRIMARY_CALLS
    turns = SourceTurn.objects.filter(next_at__gt=now - timedelta(hours=1)).order_by("key")
    found: list[Gauge] = []
    for turn in turns:
        ahead = max((turn.next_at - now).total_seconds(), 0.0)
        used = min(ahead, 1.0) * allowed
        found.append(Gauge(used=round(used), allowed=f"{allowed:g}", width=gauge(used, limit=allowed)))
    return found
