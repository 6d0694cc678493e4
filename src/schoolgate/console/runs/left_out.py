"""Whom a run left out, pupil by pupil: the list behind the count."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

from schoolgate.console import words
from schoolgate.console.runs.behind import how_many
from schoolgate.console.screen import crumbs, show
from schoolgate.matching.access import pupils_known_as_for
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pages.words import counted, listed, number
from schoolgate.pupils.access import names_for
from schoolgate.runs.access import accounts_for, left_out_for, run_for, unnamed_for
from schoolgate_message.groups import ATTENDANCE
from schoolgate_message.source_keys import source_key


@right("runs.view")
def run_left_out(request: HttpRequest, run_id: int) -> HttpResponse:
    """Everybody a filter left out of a run, in which data groups and why; of one data group or all."""
    found = run_for(request.user, run_id)
    group = request.GET.get("group", "")
    left, told_by = left_out_for(request.user, found, group=group)
    unnamed = unnamed_for(request.user, told_by, group=group)
    # Of one data group a pupil has one block; of all together nobody knows whether they are the same pupils.
    counts_pupils = group not in {"", ATTENDANCE}
    page = listing(left, query=request.GET)
    of = {name: each for name, each in accounts_for(request.user, found).items() if group in {"", name}}
    # Only what is read from a source leaves anybody out, and a base has one source.
    source = source_key(found.base.get_mis_display())
    ids = [each.external_id for each in page.rows]
    pupils = pupils_known_as_for(request.user, ids, base_id=found.base_id, source=source)
    context = {
        "run": found,
        "told_by": told_by,
        "listing": page,
        "group": group,
        "more": _more(unnamed, group=group),
        "counts_pupils": counts_pupils,
        "blocks": "" if counts_pupils else how_many(of, "left_out"),
        "pupils_in_all": page.total + (sum(unnamed.values()) if counts_pupils else 0),
        "pupils": pupils,
        "names": names_for(request.user, set(pupils.values())),
        "crumbs": crumbs(
            (found.base.name, f"/bases/{found.base_id}/"), ("Run", f"/runs/{found.pk}/"), ("Left out", "")
        ),
    }
    return show(request, "runs/left_out.html", context, section="log")


def _more(unnamed: Mapping[str, int], *, group: str) -> str:
    """What was left out of pupils whom nobody named, in a sentence; empty where there are none."""
    if not unnamed:
        return ""
    if group not in {"", ATTENDANCE}:
        return f"And {number(unnamed[group])} more whom the maker of the message doesn't name."
    parts = [
        f"{counted(many, 'mark' if name == ATTENDANCE else 'block')} of {words.group(name)}"
        for name, many in unnamed.items()
    ]
    return f"And {listed(parts)}, of pupils whom the maker of the message doesn't name."
