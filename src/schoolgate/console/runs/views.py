"""A run's page: told in a sentence, drawn to scale, counted by data group, then who, what and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from schoolgate.accounts.queries import names_of as names_of_people
from schoolgate.audit.actions import LINK
from schoolgate.authority.queries import defaults
from schoolgate.console import words
from schoolgate.console.changes import changed_items
from schoolgate.console.runs import run_sentence
from schoolgate.console.runs.behind import how_many
from schoolgate.console.runs.held_back import HELD, held_back
from schoolgate.console.runs.items import FIRST, item_lines
from schoolgate.console.runs.progress import progress_of
from schoolgate.console.runs.row_books import TERMS as ROW_TERMS
from schoolgate.console.runs.row_books import row_books
from schoolgate.console.screen import crumbs, show, show_part
from schoolgate.files.access import files_for
from schoolgate.lib import clock
from schoolgate.pages.charts import segments
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pupils.access import names_for
from schoolgate.runs.access import (
    Run,
    accounts_for,
    changes_for,
    exceptions_for,
    items_for,
    pages_of_last_for,
    row_accounts_for,
    run_for,
)
from schoolgate.runs.behind import TOLD_AS
from schoolgate.runs.queries import cohort_of
from schoolgate.runs.reasons import REASONS
from schoolgate.runs.states import FINISHED
from schoolgate_message.groups import ATTENDANCE

CHANGES_SHOWN = 20


@right("runs.view")
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """The whole of one run."""
    found = run_for(request.user, run_id)
    context = _about(request, found) | {
        "crumbs": crumbs(("Bases", "/bases/"), (found.base.name, f"/bases/{found.base_id}/"), ("Run", "")),
    }
    if found.stage in FINISHED:
        context |= _outcome(request, found)
    return show(request, "runs/run.html", context, section="log")


@right("runs.view")
def run_live(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part that changes while a run works; once it is finished, the browser loads the whole page."""
    found = run_for(request.user, run_id)
    response = show_part(request, "runs/live.html", _about(request, found))
    if found.stage in FINISHED:
        response["HX-Refresh"] = "true"
    return response


@right("runs.view")
def run_changes(request: HttpRequest, run_id: int) -> HttpResponse:
    """Every change a run made, pupil by pupil."""
    found = run_for(request.user, run_id)
    every = changes_for(request.user, found)
    group = request.GET.get("group", "")
    # A link is no block: the number above the list is the account's.
    rows = every.filter(group=group) if group else every.exclude(group=LINK)
    page = listing(rows, query=request.GET)
    of = {name: each for name, each in accounts_for(request.user, found).items() if group in {"", name}}
    written = sum(each.written for name, each in of.items() if name != ATTENDANCE)
    context = {
        "run": found,
        "listing": page,
        "written": how_many(of, "written"),
        "has_marks": any(each.written for name, each in of.items() if name == ATTENDANCE),
        "beside": rows.exclude(group=ATTENDANCE).count() - written,
        "group": group,
        "links": every.filter(group=LINK).count() if group != LINK else 0,
        "link_group": LINK,
        "changes": changed_items(page.rows),
        "names": names_for(request.user, {row.pupil_id for row in page.rows}),
        "crumbs": crumbs(
            (found.base.name, f"/bases/{found.base_id}/"), ("Run", f"/runs/{found.pk}/"), ("Changes", "")
        ),
    }
    return show(request, "runs/changes.html", context, section="log")


def _about(request: HttpRequest, found: Run) -> dict[str, Any]:
    accounts = accounts_for(request.user, found)
    total = run_sentence.total_of(accounts)
    is_finished = found.stage in FINISHED
    usual_pages = None if is_finished else pages_of_last_for(request.user, found)
    return {
        "run": found,
        "cohort": cohort_of(found),
        "accounts": accounts,
        "total": total,
        "headline": run_sentence.headline(found, total),
        "progress": progress_of(found, now=clock.now(), usual_pages=usual_pages),
        "is_finished": is_finished,
        "refresh_seconds": 0 if is_finished else defaults().refresh_seconds,
        "is_about_settings": words.is_about_settings(found.exception_code),
    }


def _outcome(request: HttpRequest, found: Run) -> dict[str, Any]:
    accounts = accounts_for(request.user, found)
    total = run_sentence.total_of(accounts)
    exceptions = listing(
        exceptions_for(request.user, found).exclude(kind=HELD).exclude(code__in=REASONS),
        query=request.GET,
        size=25,
    )
    held = held_back(request.user, found, now=clock.now()) if exceptions.number == 1 else []
    changes = list(changes_for(request.user, found).exclude(group=LINK)[: CHANGES_SHOWN + 1])
    pupil_ids = {change.pupil_id for change in changes}
    items = list(items_for(request.user, found)[: FIRST + 1])
    pupil_ids |= {each.pupil_id for each in items}
    pupil_ids |= {each.pupil_id for each in [*exceptions.rows, *held] if each.pupil_id is not None}
    hrefs = {
        "written": reverse("run_changes", args=[found.pk]),
        "left_out": reverse("run_left_out", args=[found.pk]),
        **{term: f"{reverse('run_behind', args=[found.pk])}?term={term}" for term in TOLD_AS},
    }
    return {
        "hrefs": hrefs,
        "segments": segments(run_sentence.parts(total, hrefs=hrefs)),
        "bar_label": run_sentence.in_words(total),
        "book_rows": run_sentence.book_rows(accounts),
        "row_books": row_books(row_accounts_for(request.user, found)),
        "row_terms": ROW_TERMS,
        "book_total": run_sentence.total_row(accounts),
        "items": item_lines(items[:FIRST]),
        "has_more_items": len(items) > FIRST,
        "exceptions": exceptions,
        "held": held,
        "changes": changed_items(changes[:CHANGES_SHOWN]),
        "has_more_changes": len(changes) > CHANGES_SHOWN,
        "names": names_for(request.user, pupil_ids),
        "files": list(files_for(request.user, found.pk)),
        "duration": run_sentence.duration(found),
        "people": names_of_people([found.requested_by]),
    }
