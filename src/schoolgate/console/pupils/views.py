"""Pupils: the search, and a pupil's page with a tab for every data group."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from schoolgate.bases.access import bases_by_id_for, bases_for
from schoolgate.bases.queries import by_name
from schoolgate.blocks.access import open_points_of_pupil_for
from schoolgate.console.pupils.history import not_written, with_sources
from schoolgate.console.pupils.lists import head_of, rows_of
from schoolgate.console.pupils.record import shown_group
from schoolgate.console.screen import crumbs, show
from schoolgate.holding.access import entries_of_pupil_for
from schoolgate.holding.causes import CAUSES
from schoolgate.lib import clock
from schoolgate.pages.asked import number
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pupils.access import (
    FOUND_AT_MOST,
    NoSuchPupilError,
    changes_for,
    history_for,
    how_many_for,
    pupil_for,
    record_for,
    roll_for,
    search,
    sources_for,
)
from schoolgate.runs.access import runs_behind_for
from schoolgate_message.groups import ATTENDANCE, BY_NAME, GROUPS

TIMELINE_SIZE = 50
POINTS_SHOWN = 10


@right("pupils.view")
def pupils(request: HttpRequest) -> HttpResponse:
    """Finds pupils by name, UPN or date of birth, or lists those of one base."""
    text, today = request.GET.get("q", "").strip(), clock.today()
    base_id = number(request.GET.get("base", ""))
    bases = list(bases_for(request.user).filter(is_active=True).order_by(*by_name()))
    ids: Any = []
    if text:
        ids = search(request.user, text)
    elif base_id is not None:
        ids = roll_for(request.user, base_id, today=today)
    page = listing(ids, query=request.GET)
    is_asked = bool(text or request.GET.get("base"))
    context = {
        "text": text,
        "base_id": base_id,
        "bases": bases,
        "listing": page,
        "pupils": rows_of(request.user, page.rows, today=today),
        "is_asked": is_asked,
        "is_cut": len(page.rows) == FOUND_AT_MOST and bool(text),
        "held": None if is_asked else how_many_for(request.user),
    }
    return show(request, "pupils/list.html", context, section="pupils")


@right("pupils.view")
def pupil(request: HttpRequest, pupil_id: int) -> HttpResponse:
    """The first tab: who this is, and what is open about the record."""
    context = about(request, pupil_id)
    points = open_points_of_pupil_for(request.user, pupil_id)
    waiting = entries_of_pupil_for(request.user, pupil_id)
    context |= {
        "tab": "summary",
        "points": list(points[:POINTS_SHOWN]),
        "points_in_all": points.count() + len(waiting),
        "waiting": [(entry, CAUSES[entry.code]) for entry in waiting],
    }
    return show(request, "pupils/summary.html", context, section="pupils")


@right("pupils.view")
def pupil_group(request: HttpRequest, pupil_id: int, group: str) -> HttpResponse:
    """One data group: every value with its source, then its history."""
    if group not in BY_NAME:
        raise Http404
    context = about(request, pupil_id)
    changes = changes_for(request.user, pupil_id, group)
    runs = context["runs"] | runs_behind_for(request.user, (change.run_id for change in changes))
    bases = context["bases"] | bases_by_id_for(request.user, (change.base_id for change in changes))
    sources = {} if BY_NAME[group].is_list else sources_for(request.user, pupil_id, group)
    held = [each for each in context["record"] if each.group.name == group]
    context |= {
        "tab": group,
        "group": BY_NAME[group],
        "held": [shown_group(each, item_changes=sources, bases=bases, runs=runs) for each in held],
        "changes": with_sources(changes, bases=bases, runs=runs),
        "apart": not_written(request.user, pupil_id, changes),
    }
    return show(request, "pupils/group.html", context, section="pupils")


@right("pupils.view")
def pupil_timeline(request: HttpRequest, pupil_id: int) -> HttpResponse:
    """Everything that happened to the record, newest first."""
    context = about(request, pupil_id)
    before = number(request.GET.get("before", ""))
    rows = history_for(request.user, pupil_id, limit=TIMELINE_SIZE + 1, before_id=before)
    shown = rows[:TIMELINE_SIZE]
    bases = bases_by_id_for(request.user, (row.base_id for row in shown))
    runs = runs_behind_for(request.user, (row.run_id for row in shown))
    context |= {
        "tab": "timeline",
        "changes": with_sources(shown, bases=bases, runs=runs),
        "apart": not_written(request.user, pupil_id, shown),
        "older": shown[-1].pk if len(rows) > TIMELINE_SIZE else None,
    }
    return show(request, "pupils/timeline.html", context, section="pupils")


def about(request: HttpRequest, pupil_id: int) -> dict[str, Any]:
    """What every tab of a pupil's page needs: the record, its bases and runs, the head, the tabs."""
    try:
        found = pupil_for(request.user, pupil_id)
    except NoSuchPupilError:
        raise Http404 from None
    record = record_for(request.user, found.pk)
    bases = bases_by_id_for(request.user, (held.base_id for held in record))
    head = head_of(record, bases, today=clock.today())
    return {
        "pupil": found,
        "record": record,
        "bases": bases,
        "runs": runs_behind_for(request.user, (held.run_id for held in record)),
        "head": head,
        "tabs": [(group.name, group.label) for group in GROUPS],
        "filled": {held.group.name for held in record} | {ATTENDANCE},
        "today": clock.today(),
        "crumbs": crumbs(("Pupils", "/pupils/"), (head.name, "")),
    }
