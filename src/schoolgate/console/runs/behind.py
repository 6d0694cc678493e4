"""The list behind a number of a run's account: whose blocks they are, and what was said of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponse

from schoolgate.accounts.rights import Person
from schoolgate.console import words
from schoolgate.console.screen import crumbs, show
from schoolgate.matching.access import pupils_known_as_for
from schoolgate.pages.gate import right
from schoolgate.pages.paging import listing
from schoolgate.pages.words import counted, first_upper
from schoolgate.pupils.access import names_for
from schoolgate.runs.access import Run, accounts_for, behind_for, run_for, told_of_for
from schoolgate.runs.behind import TOLD_AS
from schoolgate.runs.rules import Terms
from schoolgate_message.groups import ATTENDANCE
from schoolgate_message.source_keys import source_key

REFUSED = "refused"
"""What is shown to who asks for no term, or for one behind which no list stands."""
_NOT_LISTED = MappingProxyType(
    {
        "ignored": "And {}, of which the number alone is kept: the register holds no less without.",
        "in_conflict": "And {}, of which the number alone is kept.",
        "refused": "And {}, of which the number alone is kept. Mend those above first.",
    }
)


@dataclass(frozen=True, kw_only=True)
class BlockLine:
    """One block (of unmatched pupils: all of a pupil's), and what the run said of it and advised."""

    external_id: str
    pupil_id: int | None
    group: str
    said: list[tuple[str, str]]


@right("runs.view")
def run_behind(request: HttpRequest, run_id: int) -> HttpResponse:
    """The blocks that one term of a run's account counts, of one data group or of all."""
    found = run_for(request.user, run_id)
    asked = request.GET.get("term", "")
    term = asked if asked in TOLD_AS else REFUSED
    group = request.GET.get("group", "")
    accounts = accounts_for(request.user, found)
    of = {name: terms for name, terms in accounts.items() if not group or name == group}
    total = sum(int(getattr(terms, term)) for terms in of.values())
    told = behind_for(request.user, found, term, group=group)
    page = listing(told.blocks, query=request.GET)
    lines = _lines(request.user, found, term, page.rows)
    more = total - told.counted if told.counted is not None else 0
    context = {
        "run": found,
        "term": words.TERMS[term],
        "code": term,
        "group": group,
        "total": how_many(of, term),
        "pupils": page.total if told.counted is None else None,
        "listing": page,
        "lines": lines,
        "more": _NOT_LISTED[term].format(counted(more, "more", "more")) if more > 0 else "",
        "names": names_for(request.user, {each.pupil_id for each in lines if each.pupil_id is not None}),
        "crumbs": crumbs(
            (found.base.name, f"/bases/{found.base_id}/"),
            ("Run", f"/runs/{found.pk}/"),
            (words.TERMS[term][0], ""),
        ),
    }
    return show(request, "runs/behind.html", context, section="log")


def how_many(accounts: Mapping[str, Terms], term: str) -> str:
    """A term of some data groups in words, as the account counts it: `12 blocks and 84 marks`."""
    numbers = {name: int(getattr(terms, term)) for name, terms in accounts.items()}
    marks = numbers.pop(ATTENDANCE, 0)
    blocks = sum(numbers.values())
    said = [counted(blocks, "block")] if blocks or not marks else []
    return first_upper(" and ".join([*said, *([counted(marks, "mark")] if marks else [])]))


def _lines(user: Person, run: Run, term: str, blocks: Sequence[Mapping[str, Any]]) -> list[BlockLine]:
    """What was said of the blocks of a page, in few queries; who is new to the run is looked up by the id."""
    ids = {str(each["external_id"]) for each in blocks}
    said: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for each in told_of_for(user, run, term, external_ids=ids):
        said[each.external_id, each.group].append((each.sentence, each.remedy))
    known = pupils_known_as_for(user, ids, base_id=run.base_id, source=source_key(run.base.get_mis_display()))
    return [
        BlockLine(
            external_id=each["external_id"],
            pupil_id=each["pupil_id"] or known.get(each["external_id"]),
            group=words.group(each["group"]) if each["group"] else "",
            said=said[each["external_id"], each["group"]],
        )
        for each in blocks
    ]
