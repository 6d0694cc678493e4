"""The page one opens in the morning."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from schoolgate.accounts.rights import Right, may
from schoolgate.authority.queries import buffer, defaults
from schoolgate.console.held.views import waiting_sentence
from schoolgate.console.screen import show
from schoolgate.console.today.board import WORDS, board
from schoolgate.holding.access import entries_for
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.runs.access import standing_for
from schoolgate.runs.standing import Standing

BOARD_ROWS = 100
LANDINGS = {"tasks": Right.TASKS_VIEW, "queue": Right.RUNS_VIEW, "log": Right.LOG_VIEW}
"""Landing pages that ask for more than a reader has."""
FILTERS = (
    ("", "All bases"),
    ("well", "Up to date"),
    ("needs", "Need you"),
    ("silent", "Silent"),
    ("new", "Not collected yet"),
)


@right("bases.view")
def today(request: HttpRequest) -> HttpResponse:
    """How many are up to date, what needs somebody, and the board of the last fourteen days."""
    now, late = clock.now(), buffer()
    found = standing_for(request.user, now=now, buffer=late)
    shown = request.GET.get("show", "")
    chosen = _chosen(found, shown)
    names = {base_id: name for base_id, name in found.names.items() if base_id in chosen}
    silent_since = {base_id: found.landed_at[base_id] for base_id in found.silent}
    page = listing(list(names.items()), query=request.GET, size=BOARD_ROWS)
    waiting = entries_for(request.user)
    context = {
        "standing": found,
        "listing": page,
        "board": board(
            request.user,
            dict(page.rows),
            silent_since=silent_since,
            now=now,
            buffer=late,
            is_log_open=may(request.user, Right.LOG_VIEW),
        ),
        "held": waiting_sentence(waiting) if any(each.pupils for each in waiting) else "",
        "filters": FILTERS,
        "shown": shown,
        "as_table": request.GET.get("view") == "table",
        "words": WORDS,
    }
    return show(request, "today/today.html", context, section="today")


@right("bases.view")
def arrive(request: HttpRequest) -> HttpResponse:
    """Where one lands after signing in: the page of System defaults, or Today for who may not open it."""
    wanted = defaults().landing_page
    return redirect(wanted if may(request.user, LANDINGS.get(wanted, Right.BASES_VIEW)) else "today")


def _chosen(found: Standing, shown: str) -> set[int]:
    sets = {
        "well": found.up_to_date,
        "needs": found.need_you,
        "silent": found.silent,
        "new": found.not_started,
    }
    return sets.get(shown, set(found.names))
