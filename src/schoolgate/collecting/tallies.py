"""What collecting itself settles of each data group: what came, what a filter left out, what is unchanged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from schoolgate.runs.rules import Problem
from schoolgate_message.groups import BY_NAME

LEFT_OUT = ":left_out"
"""Behind a group's name in a page's counts: blocks of pupils whom the cohort leaves out."""
MOST_PROBLEMS = 500
"""So many refusals are kept one by one; how many more there were is counted."""


class Tally:
    """The books of collecting. What goes into a file is counted where it lands, not here."""

    def __init__(self) -> None:
        """All at nothing."""
        self._terms: dict[str, Counter[str]] = {}
        self.problems: list[Problem] = []
        self.refused: list[tuple[str, str, str]] = []

    def count(self, group: str, term: str, times: int = 1) -> None:
        """Count blocks (marks, for attendance) as received and as ``term``."""
        if times:
            terms = self._terms.setdefault(group, Counter())
            terms["received"] += times
            terms[term] += times

    def count_known_page(self, counts: Mapping[str, int]) -> None:
        """Count the blocks of a page that landed before."""
        for name, times in counts.items():
            if name.endswith(LEFT_OUT):
                self.count(name.removesuffix(LEFT_OUT), "left_out", times)
            else:
                self.count(name, "unchanged", times)

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

    def sifted(self) -> dict[str, dict[str, int]]:
        """The terms by data group, as the run keeps them."""
        return {group: dict(terms) for group, terms in self._terms.items()}


def _label(group: str, item: str) -> str:
    return next((each.label for each in BY_NAME[group].items if each.name == item), item)
