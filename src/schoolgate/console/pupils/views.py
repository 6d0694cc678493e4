"""Pupils: the search, and a pupil's page with a tab for every data group."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse

from schoolgate.audit.queries import history, item_sources, latest_changes
from schoolgate.bases.access import bases_for
from schoolgate.bases.queries import by_name
from schoolgate.console.changes import changed_items
from schoolgate.console.pupils.queries import head_of, rows_of
from schoolgate.console.pupils.record import bases_of, runs_of, shown_group, source_of
from schoolgate.console.screen import crumbs, show
from schoolgate.lib import clock
from schoolgate.pages.asked import number
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pupils.access import FOUND_AT_MOST, NoSuchPupilError, pupil_for, search
from schoolgate.pupils.folding import NAME_ORDER
from schoolgate.pupils.models import TABLES, Pupil
from schoolgate.pupils.queries import whole_record
from schoolgate.runs.models import RunException
from schoolgate_message.groups import ATTENDANCE, BY_NAME, GROUPS

TIMELINE_SIZE = 50


@right("pupils.view")
def pupils(request: HttpRequest) -> HttpResponse:
    """Finds pupils by name, UPN or date of birth, or lists those of one base."""
    text = request.GET.get("q", "").strip()
    base_id = number(request.GET.get("base", ""))
    bases = list(bases_for(request.user).filter(is_active=True).order_by(*by_name()))
    ids: Any = search(request.user, text) if text else [] if base_id is None else _on_roll(base_id)
    page = listing(ids, query=request.GET)
    is_asked = bool(text or request.GET.get("base"))
    context = {
        "text": text,
        "base_id": base_id,
        "bases": bases,
        "listing": page,
        "pupils": rows_of(page.rows, today=clock.today()),
        "is_asked": is_asked,
        "is_cut": len(page.rows) == FOUND_AT_MOST and bool(text),
        "held": Pupil.objects.filter(is_active=True).count()
        if not (text or request.GET.get("base"))
        else None,
    }
    return show(request, "pupils/list.html", context, section="pupils")


def _on_roll(base_id: int) -> Any:
    """Ids of the pupils on roll at a base, by name."""
    is_on_roll = Q(leaving_on=None) | Q(leaving_on__gte=clock.today())
    enrolled = TABLES["enrolments"]._default_manager.filter(is_on_roll, base_id=base_id)  # noqa: SLF001
    names = TABLES["basic_details"]._default_manager.filter(pupil_id__in=enrolled.values("pupil_id"))  # noqa: SLF001
    return names.order_by(*NAME_ORDER).values_list("pupil_id", flat=True)


@right("pupils.view")
def pupil(request: HttpRequest, pupil_id: int) -> HttpResponse:
    """The first tab: who this is, and what is open about the record."""
    context = about(request, pupil_id)
    open_points = RunException.objects.filter(pupil_id=pupil_id).select_related("run").defer("run__cohort")
    context |= {"tab": "summary", "points": list(open_points.order_by("-id")[:10])}
    return show(request, "pupils/summary.html", context, section="pupils")


@right("pupils.view")
def pupil_group(request: HttpRequest, pupil_id: int, group: str) -> HttpResponse:
    """One data group: every value with its source, then its history."""
    if group not in BY_NAME:
        raise Http404
    context = about(request, pupil_id)
    changes = latest_changes(pupil_id, group)
    runs = context["runs"] | runs_of(change.run_id for change in changes)
    bases = context["bases"] | bases_of(change.base_id for change in changes)
    sources = {} if BY_NAME[group].is_list else item_sources(pupil_id, group)
    held = [each for each in context["record"] if each.group.name == group]
    context |= {
        "tab": group,
        "group": BY_NAME[group],
        "held": [shown_group(each, item_changes=sources, bases=bases, runs=runs) for each in held],
        "changes": [
            (
                change,
                source_of(
                    base_id=change.row.base_id,
                    run_id=change.row.run_id,
                    at=change.row.at,
                    bases=bases,
                    runs=runs,
                ),
            )
            for change in changed_items(changes)
        ],
    }
    return show(request, "pupils/group.html", context, section="pupils")


@right("pupils.view")
def pupil_timeline(request: HttpRequest, pupil_id: int) -> HttpResponse:
    """Everything that happened to the record, newest first."""
    context = about(request, pupil_id)
    before = number(request.GET.get("before", ""))
    rows = history(pupil_id, limit=TIMELINE_SIZE + 1, before_id=before)
    shown = rows[:TIMELINE_SIZE]
    bases, runs = bases_of(row.base_id for row in shown), runs_of(row.run_id for row in shown)
    context |= {
        "tab": "timeline",
        "changes": [
            (
                change,
                source_of(
                    base_id=change.row.base_id,
                    run_id=change.row.run_id,
                    at=change.row.at,
                    bases=bases,
                    runs=runs,
                ),
            )
            for change in changed_items(shown)
        ],
        "older": shown[-1].pk if len(rows) > TIMELINE_SIZE else None,
    }
    return show(request, "pupils/timeline.html", context, section="pupils")


def about(request: HttpRequest, pupil_id: int) -> dict[str, Any]:
    """What every tab of a pupil's page needs: the record, its bases and runs, the head, the tabs."""
    try:
        found = pupil_for(request.user, pupil_id)
    except NoSuchPupilError:
        raise Http404 from None
    record = whole_record(found.pk)
    bases = bases_of(held.base_id for held in record)
    head = head_of(record, bases, today=clock.today())
    return {
        "pupil": found,
        "record": record,
        "bases": bases,
        "runs": runs_of(held.run_id for held in record),
        "head": head,
        "tabs": [(group.name, group.label) for group in GROUPS],
        "filled": {held.group.name for held in record} | {ATTENDANCE},
        "today": clock.today(),
        "crumbs": crumbs(("Pupils", "/pupils/"), (head.name, "")),
    }
