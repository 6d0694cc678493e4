"""What collecting itself settles of each data group: what came, what a filter left out, what is unchanged."""

from __future__ import annotations

from collections import Counter

from schoolgate.blocks.rules import PageCounts
from schoolgate.runs.reasons import LeftOutLists
from schoolgate.runs.rules import Problem, Terms
from schoolgate_message.groups import BY_NAME

MOST_PROBLEMS = 500
"""So many refusals are kept one by one; how many more there were is counted."""


class Books:
    """The books of collecting. What goes into a file is counted where it lands, not here."""

    def __init__(self) -> None:
        """All at nothing."""
        self._terms: dict[str, Counter[str]] = {}
        self.problems: list[Problem] = []
        self.refused: list[tuple[str, str, str]] = []
        self._historic: Counter[str] = Counter()
        self._left_out = LeftOutLists()

    def count(self, group: str, term: str, times: int = 1) -> None:
        """Count blocks (marks, for attendance) as received and as ``term``."""
        if times:
            terms = self._terms.setdefault(group, Counter())
            terms["received"] += times
            terms[term] += times

    def count_known_page(self, carried: PageCounts) -> None:
        """Count what a page carried that landed before."""
        for group, times in carried.unchanged.items():
            self.count(group, "unchanged", times)
        for group, times in carried.left_out.items():
            self.count(group, "left_out", times)
        for group, times in carried.historic.items():
            self.leave_out_records(group, times)

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


def _label(group: str, item: str) -> str:
    return next((each.label for each in BY_NAME[group].items if each.name == item), item)
