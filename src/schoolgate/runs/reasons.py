"""Why a filter leaves blocks or marks out of a run: the codes and their sentences, free of the database."""

from __future__ import annotations

from types import MappingProxyType

from schoolgate.runs.rules import Problem

KIND = "left out"
"""The kind of exception under which those left out are kept: for information, nothing went wrong."""
OVERCOME = "overcome"
"""The kind of what went wrong at the source and was overcome: for information."""
UNSURE = "unsure"
"""The kind of a list for which the source doesn't vouch: the run doesn't count as a success for since."""
FOR_INFORMATION = frozenset({KIND, OVERCOME})
OUTSIDE_COHORT, LEFT, NOT_ON_ROLL = "cohort.outside", "cohort.leaver", "cohort.not_on_roll"
NEVER_SENT = "cohort.never_sent"
STATE_UNKNOWN, YEAR_UNKNOWN = "cohort.state_unknown", "cohort.year_unknown"
AT_SCHOOL = "cohort.kept_at_school"
HISTORIC_SEND = "collecting.historic_send"
REASONS = MappingProxyType(
    {
        OUTSIDE_COHORT: "Outside the cohort of the task.",
        LEFT: "Has left: of a leaver only the enrolment is taken.",
        NEVER_SENT: "Left before anything was sent of them: of such a leaver only a recent leaving is taken.",
        STATE_UNKNOWN: "On the roll in a state that is not known: neither current, leaver nor future.",
        YEAR_UNKNOWN: "In a year group whose name is not known, so perhaps outside the cohort of the task.",
        NOT_ON_ROLL: "Not on the school's roll as it was read.",
        AT_SCHOOL: "Left out at the school already, by the maker of the message.",
    }
)


class LeftOutLists:
    """Who is left out of a run, gathered by reason, pupils with the same data groups together."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._pupils: dict[str, dict[str, set[str]]] = {}
        self._unnamed: dict[str, dict[str, int]] = {}

    def add(self, external_id: str, group: str, *, reason: str) -> None:
        """Note that a pupil's group was left out for a reason (one of REASONS)."""
        self._pupils.setdefault(reason, {}).setdefault(external_id, set()).add(group)

    def add_unnamed(self, group: str, number: int, *, reason: str) -> None:
        """Note that so many of a group were left out of whom nobody said who they are."""
        counts = self._unnamed.setdefault(reason, {})
        counts[group] = counts.get(group, 0) + number

    def problems(self) -> list[Problem]:
        """What the run tells of them, one exception a reason."""
        reasons = [*self._pupils, *(each for each in self._unnamed if each not in self._pupils)]
        return [_told(each, self._pupils.get(each, {}), self._unnamed.get(each, {})) for each in reasons]


def historic_send(group: str, label: str, times: int) -> Problem:
    """What is told of old SEND records within blocks that were left out; nothing went wrong by it."""
    what = "record was" if times == 1 else "records were"
    return Problem(
        kind=KIND,
        code=HISTORIC_SEND,
        sentence=f"{label}: {times} old {what} left out, never closed at the school.",
        remedy="Nothing needs doing, unless they should come: then edit the task.",
        group=group,
        details={"records": times},
    )


def _told(reason: str, pupils: dict[str, set[str]], unnamed: dict[str, int]) -> Problem:
    lists: dict[tuple[str, ...], list[str]] = {}
    for external_id, groups in pupils.items():
        lists.setdefault(tuple(sorted(groups)), []).append(external_id)
    return Problem(
        kind=KIND,
        code=reason,
        sentence=REASONS[reason],
        details={
            "lists": [{"groups": groups, "pupils": ids} for groups, ids in lists.items()],
            **({"unnamed": unnamed} if unnamed else {}),
        },
    )
