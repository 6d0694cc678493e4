"""Why a filter leaves blocks or marks out of a run: the codes and their sentences, free of the database."""

from __future__ import annotations

from types import MappingProxyType

from schoolgate.runs.rules import Problem

KIND = "left out"
"""The kind of exception under which those left out are kept: for information, nothing went wrong."""
OUTSIDE_COHORT, LEFT, NOT_ON_ROLL = "cohort.outside", "cohort.leaver", "cohort.not_on_roll"
NEVER_SENT = "cohort.never_sent"
REASONS = MappingProxyType(
    {
        OUTSIDE_COHORT: "Outside the cohort of the task.",
        LEFT: "Has left: of a leaver only the enrolment is taken.",
        NEVER_SENT: "Left before anything was sent of them: of such a leaver only a recent leaving is taken.",
        NOT_ON_ROLL: "Not on the school's roll as it was read.",
    }
)


class LeftOutLists:
    """Who is left out of a run, gathered by reason, pupils with the same data groups together."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._pupils: dict[str, dict[str, set[str]]] = {}

    def add(self, external_id: str, group: str, *, reason: str) -> None:
        """Note that a pupil's group was left out for a reason (one of REASONS)."""
        self._pupils.setdefault(reason, {}).setdefault(external_id, set()).add(group)

    def problems(self) -> list[Problem]:
        """What the run tells of them, one exception a reason."""
        return [_told(reason, pupils) for reason, pupils in self._pupils.items()]


def _told(reason: str, pupils: dict[str, set[str]]) -> Problem:
    lists: dict[tuple[str, ...], list[str]] = {}
    for external_id, groups in pupils.items():
        lists.setdefault(tuple(sorted(groups)), []).append(external_id)
    return Problem(
        kind=KIND,
        code=reason,
        sentence=REASONS[reason],
        details={"lists": [{"groups": groups, "pupils": ids} for groups, ids in lists.items()]},
    )
