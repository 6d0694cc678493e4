"""What runs told of single pupils and left for their next reading: unmatched pupils and refused blocks."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from schoolgate.console.screen import show
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pupils.access import names_for
from schoolgate.runs.access import held_for

LOOK_BACK = timedelta(days=30)
KINDS = (("", "All"), ("unmatched", "Unmatched"), ("refused", "Refused"))


@right("runs.view")
def held_told(request: HttpRequest) -> HttpResponse:
    """Unmatched pupils and refused blocks of the last 30 days' runs; read only."""
    kind = request.GET.get("kind", "")
    kinds = [key for key, _ in KINDS if key]
    since = clock.now() - LOOK_BACK
    found = held_for(request.user, kinds=kinds, since=since)
    counted = found.order_by().values("kind").annotate(count=Count("pk"))
    counts = {row["kind"]: row["count"] for row in counted}
    page = listing(found.filter(kind=kind) if kind in kinds else found, query=request.GET)
    context = {
        "listing": page,
        "counts": {key: counts.get(key, 0) for key in kinds},
        "kind": kind,
        "kinds": [(key, text) for key, text in KINDS if not key or key == kind or counts.get(key)],
        "names": names_for(request.user, {each.pupil_id for each in page.rows if each.pupil_id is not None}),
    }
    return show(request, "held/told.html", context, section="held")
