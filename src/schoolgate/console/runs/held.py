"""What landing held back: removals inferred from absence, unmatched pupils, refused blocks."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from schoolgate.console.screen import show
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pupils.queries import names_of
from schoolgate.runs.access import runs_for
from schoolgate.runs.models import RunException

LOOK_BACK = timedelta(days=30)
KINDS = (("", "All"), ("held removal", "Held removals"), ("unmatched", "Unmatched"), ("refused", "Refused"))


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
