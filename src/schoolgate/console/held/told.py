"""What runs told of single pupils and left for their next reading: unmatched pupils and refused blocks."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from schoolgate.console.held.sides import names_for
from schoolgate.console.screen import show
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.runs.access import runs_for
from schoolgate.runs.models import RunException

LOOK_BACK = timedelta(days=30)
KINDS = (("", "All"), ("unmatched", "Unmatched"), ("refused", "Refused"), ("held removal", "Held removals"))


@right("runs.view")
def held_told(request: HttpRequest) -> HttpResponse:
    """Unmatched pupils, refused blocks and held removals of the last 30 days' runs; read only."""
    kind = request.GET.get("kind", "")
    kinds = [key for key, _ in KINDS if key]
    since = clock.now() - LOOK_BACK
    found = RunException.objects.filter(kind__in=kinds, run__planned_at__gte=since)
    found = found.filter(run__in=runs_for(request.user).values("pk"))
    counts = {row["kind"]: row["count"] for row in found.values("kind").annotate(count=Count("pk"))}
    rows = found.filter(kind=kind) if kind in kinds else found
    page = listing(rows.select_related("run__base").defer("run__cohort").order_by("-id"), query=request.GET)
    context = {
        "listing": page,
        "counts": {key: counts.get(key, 0) for key in kinds},
        "kind": kind,
        "kinds": [(key, text) for key, text in KINDS if not key or key == kind or counts.get(key)],
        "names": names_for(request.user, {each.pupil_id for each in page.rows if each.pupil_id is not None}),
    }
    return show(request, "held/told.html", context, section="held")
