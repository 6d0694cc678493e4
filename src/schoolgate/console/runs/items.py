"""What became of single items of a run, where their block's own fate doesn't tell it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from schoolgate.console import why, words
from schoolgate.console.screen import crumbs, show
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pupils.access import names_for
from schoolgate.runs.access import RunItem, items_for, run_for

FIRST = 10
"""So many the run's own page shows."""


@dataclass(frozen=True, kw_only=True)
class ItemLine:
    """One item of a pupil: where it belongs, what became of it and why."""

    pupil_id: int
    group: str
    item: str
    became: str
    why: str


@right("runs.view")
def run_items(request: HttpRequest, run_id: int) -> HttpResponse:
    """Every item of a run that came out otherwise than the rest of its block, pupil by pupil."""
    found = run_for(request.user, run_id)
    page = listing(items_for(request.user, found), query=request.GET)
    context = {
        "run": found,
        "listing": page,
        "items": item_lines(page.rows),
        "names": names_for(request.user, {each.pupil_id for each in page.rows}),
        "crumbs": crumbs(
            (found.base.name, f"/bases/{found.base_id}/"), ("Run", f"/runs/{found.pk}/"), ("Items", "")
        ),
    }
    return show(request, "runs/items.html", context, section="log")


def item_lines(rows: Iterable[RunItem]) -> list[ItemLine]:
    """The items in words."""
    return [
        ItemLine(
            pupil_id=row.pupil_id,
            group=words.group(row.group),
            item=words.item(row.group, row.item),
            became=words.TERMS[row.fate][0],
            why=why.sentence(row.rule),
        )
        for row in rows
    ]
