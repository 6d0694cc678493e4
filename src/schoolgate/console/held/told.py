"""What runs told of single pupils and is open still: unmatched pupils and refused blocks."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse

from schoolgate.blocks.access import open_points_for
from schoolgate.console.screen import show
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pupils.access import names_for

KINDS = (("", "All"), ("unmatched", "Unmatched"), ("refused", "Refused"))


@right("runs.view")
def held_told(request: HttpRequest) -> HttpResponse:
    """Unmatched pupils and refused blocks that have not landed since; read only."""
    kind = request.GET.get("kind", "")
    kinds = [key for key, _ in KINDS if key]
    found = open_points_for(request.user)
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
