"""What waits for a person: the list by cause and base, what was decided, and an entry with both sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.http import HttpRequest, HttpResponse, QueryDict

from schoolgate.accounts.queries import names_of as names_of_people
from schoolgate.console.held.sides import sides_of
from schoolgate.console.screen import crumbs, show
from schoolgate.holding.access import (
    OpenEntry,
    counts_for,
    decided_for,
    entries_for,
    entry_for,
    pupils_for,
)
from schoolgate.holding.causes import CAUSES, Cause
from schoolgate.holding.states import EntryState
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pages.words import counted, day, first_upper

PUPILS_A_PAGE = 20
ABSENT_A_PAGE = 100
"""Of pupils missing from a roll there is little to show: a line each."""


@dataclass(frozen=True, kw_only=True)
class CauseEntries:
    """The entries of one cause."""

    cause: Cause
    entries: list[OpenEntry]


@right("held.view")
def held(request: HttpRequest) -> HttpResponse:
    """Everything that waits, worst first, by cause and base; narrowed to one of either."""
    found = entries_for(request.user)
    chosen = [each for each in found if _fits(each, request.GET)]
    page = listing(chosen, query=request.GET)
    context = {
        "sentence": waiting_sentence(found),
        "causes": _by_cause(page.rows),
        "listing": page,
        "is_empty": not found,
        "is_filtered": bool(request.GET.get("base") or request.GET.get("cause")),
        "base": request.GET.get("base", ""),
        "code": request.GET.get("cause", ""),
        "bases": sorted({(each.base_name, each.base_id) for each in found}),
        "all_causes": [cause for code, cause in CAUSES.items() if any(each.code == code for each in found)],
    }
    return show(request, "held/held.html", context, section="held")


@right("held.view")
def held_decided(request: HttpRequest) -> HttpResponse:
    """What was released, refused, or closed by itself, newest first."""
    page = listing(decided_for(request.user), query=request.GET)
    context = {
        "listing": page,
        "causes": CAUSES,
        "states": {each.value: each for each in EntryState},
        "people": names_of_people(each.decided_by for each in page.rows),
    }
    return show(request, "held/decided.html", context, section="held")


@right("held.view")
def held_entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry: who waits in it, with both sides, and what may be decided."""
    entry = entry_for(request.user, entry_id)
    cause = CAUSES[entry.code]
    size = PUPILS_A_PAGE if cause.has_sides else ABSENT_A_PAGE
    page = listing(pupils_for(request.user, entry), query=request.GET, size=size)
    context = {
        "entry": entry,
        "cause": cause,
        "is_open": entry.state == EntryState.OPEN.value,
        "state": EntryState(entry.state),
        "counts": counts_for(request.user, entry),
        "listing": page,
        "pupils": sides_of(request.user, entry, [row["external_id"] for row in page.rows]),
        "people": names_of_people([entry.decided_by]),
        "crumbs": crumbs(("Held", "/held/"), (cause.label, "")),
    }
    return show(request, "held/entry.html", context, section="held")


def waiting_sentence(entries: Iterable[OpenEntry]) -> str:
    """Like: 3 causes wait for you at 2 bases: 64 pupils, the oldest since 12 November 2026."""
    waiting = [each for each in entries if each.pupils]
    if not waiting:
        return "Nothing waits for you."
    pupils = sum(each.pupils for each in waiting)
    bases = len({each.base_id for each in waiting})
    opening = first_upper(counted(len(waiting), "cause"))
    verb = "waits" if len(waiting) == 1 else "wait"
    whom = counted(pupils, "pupil")
    return (
        f"{opening} {verb} for you at {counted(bases, 'base')}: {whom}, the oldest since {_oldest(waiting)}."
    )


def _oldest(waiting: Sequence[OpenEntry]) -> str:
    since: datetime = min(each.since_at for each in waiting)
    return day(since)


def _fits(entry: OpenEntry, asked: QueryDict) -> bool:
    base, code = asked.get("base", ""), asked.get("cause", "")
    return (not base or str(entry.base_id) == base) and (not code or entry.code == code)


def _by_cause(entries: Iterable[OpenEntry]) -> list[CauseEntries]:
    return [
        CauseEntries(cause=CAUSES[code], entries=list(each))
        for code, each in groupby(entries, key=lambda entry: entry.code)
    ]
