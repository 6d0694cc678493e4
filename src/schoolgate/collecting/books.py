"""What collecting itself settles of each data group: what came, what a filter left out, what is unchanged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from schoolgate.blocks.rules import PageCounts
from schoolgate.runs.books import check_rows
from schoolgate.runs.reasons import KIND, LeftOutLists
from schoolgate.runs.rules import Problem, RowTerms, Terms
from schoolgate_message.groups import BY_NAME

MOST_PROBLEMS = 500
"""So many refusals are kept one by one; how many more there were is counted."""


UNREADABLE, BESIDE = "rows.unreadable", "rows.beside"


class Books:
    """The books of collecting. What goes into a file is counted where it lands, not here."""

    def __init__(self) -> None:
        """All at nothing."""
        self._terms: dict[str, Counter[str]] = {}
        self.problems: list[Problem] = []
        self.refused: list[tuple[str, str, str]] = []
        self._historic: Counter[str] = Counter()
        self._left_out = LeftOutLists()
        self._rows: dict[str, Counter[str]] = {}
        self._beside: dict[str, list[str]] = {}

    def receive_rows(self, domain: str, times: int, *, unreadable: int = 0) -> None:
        """Count rows as they came, and those of them that can't be read or don't say whose they are."""
        if times:
            self._rows.setdefault(domain, Counter()).update(received=times, unreadable=unreadable)

    def count_rows(self, domain: str, term: str, times: int = 1) -> None:
        """Count what became of rows that were received: a term of ``RowTerms``."""
        if times:
            self._rows.setdefault(domain, Counter())[term] += times

    def note_beside(self, domain: str, external_id: str) -> None:
        """Keep of whom there were several rows where one is kept."""
        self._beside.setdefault(domain, []).append(external_id)

    def rows(self) -> dict[str, RowTerms]:
        """The terms of the rows by domain. Raises UnbalancedBooksError where a row is lost."""
        terms = {domain: RowTerms(**+counts) for domain, counts in self._rows.items()}
        check_rows(terms)
        return terms

    def note_rows(self) -> None:
        """Put among what the run tells which rows could not be read, and of whom another row spoke."""
        for domain, counts in self._rows.items():
            if counts["unreadable"]:
                self.note(_unreadable(domain, counts["unreadable"]))
            if counts["beside"]:
                self.note(_beside(domain, counts["beside"], self._beside.get(domain, ())))

    def count(self, group: str, term: str, times: int = 1) -> None:
        """Count blocks (marks, for attendance) as received and as ``term``."""
        if times:
            terms = self._terms.setdefault(group, Counter())
            terms["received"] += times
            terms[term] += times

    def count_known_page(self, domain: str, carried: PageCounts) -> None:
        """Count what a page of a domain carried that landed before."""
        for group, times in carried.unchanged.items():
            self.count(group, "unchanged", times)
        for group, times in carried.left_out.items():
            self.count(group, "left_out", times)
        for group, times in carried.historic.items():
            self.leave_out_records(group, times)
        self.receive_rows(domain, sum(carried.rows.values()))
        for term, times in carried.rows.items():
            self.count_rows(domain, term, times)

    def leave_out(self, external_id: str, group: str, *, reason: str, times: int = 1) -> None:
        """Count a block (or marks) that a filter leaves out; keep whose it is and why (one of REASONS)."""
        self.count(group, "left_out", times)
        self._left_out.add(external_id, group, reason=reason)

    def note_left_out(self) -> None:
        """Put who was left out among what the run tells: by reason, pupils with the same groups together."""
        for problem in self._left_out.problems():
            self.note(problem)

    def leave_out_records(self, group: str, times: int) -> None:
        """Count records within blocks that are left out as historic SEND; the block itself goes on."""
        self._historic[group] += times

    def note_historic(self) -> None:
        """Put what was left out as historic SEND among what the run tells; nothing went wrong by it."""
        for group, times in sorted(self._historic.items()):
            if times:
                what = "record was" if times == 1 else "records were"
                sentence = f"{BY_NAME[group].label}: {times} old {what} left out, never closed at the school."
                self.note(
                    Problem(
                        kind="left out",
                        code="collecting.historic_send",
                        sentence=sentence,
                        remedy="Nothing needs doing, unless they should come: then edit the task.",
                        group=group,
                        details={"records": times},
                    )
                )

    def refuse(self, external_id: str, group: str, *, item: str, reason: str) -> None:
        """Count a block that can't be brought into the form of its group, and keep why."""
        self.count(group, "refused")
        self.refused.append((external_id, group, "collecting.invalid_value"))
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(
                Problem(
                    kind="refused",
                    code="collecting.invalid_value",
                    sentence=f"{BY_NAME[group].label}: {_label(group, item)} {reason}.",
                    remedy="Correct the value at the school, or the field's mapping.",
                    external_id=external_id,
                    group=group,
                    item=item,
                )
            )

    def note(self, problem: Problem) -> None:
        """Keep something an officer should know."""
        self.problems.append(problem)

    def settled(self) -> dict[str, Terms]:
        """The terms by data group, as the run keeps them."""
        return {group: Terms(**terms) for group, terms in self._terms.items()}


def _unreadable(domain: str, times: int) -> Problem:
    what = "row" if times == 1 else "rows"
    return Problem(
        kind="refused",
        code=UNREADABLE,
        sentence=f"{domain}: {times} {what} can't be read, or don't say whose they are.",
        remedy="Ask the supplier of the MIS; what else came of the domain has landed.",
        details={"rows": times},
    )


def _beside(domain: str, times: int, pupils: Sequence[str]) -> Problem:
    what = "row was" if times == 1 else "rows were"
    return Problem(
        kind=KIND,
        code=BESIDE,
        sentence=f"{domain}: {times} {what} left aside, since one is kept of a pupil and another row spoke.",
        remedy="Nothing needs doing. Where the wrong one was kept, end the other in the school's MIS.",
        details={"rows": times, "pupils": list(dict.fromkeys(pupils))},
    )


def _label(group: str, item: str) -> str:
    return next((each.label for each in BY_NAME[group].items if each.name == item), item)
