"""Whom a run left out, pupil by pupil: the list behind the count."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from schoolgate.console.screen import crumbs, show
from schoolgate.matching.access import pupils_known_as_for
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pupils.access import names_for
from schoolgate.runs.access import left_out_for, run_for
from schoolgate_message.source_keys import source_key


@right("runs.view")
def run_left_out(request: HttpRequest, run_id: int) -> HttpResponse:
    """Everybody a filter left out of a run, in which data groups and why; of one data group or all."""
    found = run_for(request.user, run_id)
    group = request.GET.get("group", "")
    left, told_by = left_out_for(request.user, found, group=group)
    page = listing(left, query=request.GET)
    # Only what is read from a source leaves anybody out, and a base has one source.
    source = source_key(found.base.get_mis_display())
    ids = [each.external_id for each in page.rows]
    pupils = pupils_known_as_for(request.user, ids, base_id=found.base_id, source=source)
    context = {
        "run": found,
        "told_by": told_by,
        "listing": page,
        "group": group,
        "pupils": pupils,
        "names": names_for(request.user, set(pupils.values())),
        "crumbs": crumbs(
            (found.base.name, f"/bases/{found.base_id}/"), ("Run", f"/runs/{found.pk}/"), ("Left out", "")
        ),
    }
    return show(request, "runs/left_out.html", context, section="log")
