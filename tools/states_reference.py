"""The reference page of states: how a run goes on from each, and what every state is called."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import Enum

from data_reference import NOTE
from schoolgate.runs.states import FIRST, OUTCOMES, TRANSITIONS, ImportJobStatus, Origin, Stage
from schoolgate.tasks.states import PendingReason

NOT_TOLD = "-"
RESUMED = (
    "Collecting and landing may begin again: a run is resumed after a crash. One run of a base is at work at "
    "a time; the others wait."
)


def diagram(transitions: Mapping[Stage, AbstractSet[Stage]], *, first: Stage) -> list[str]:
    """A table of states as a drawing; what may follow on itself is told with an arrow back."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first.value}"]
    lines += [f"    {each.value}: {each.label}" for each in transitions]
    for state, following in transitions.items():
        lines += [f"    {state.value} --> {after.value}" for after in Stage if after in following]
        lines += [] if following else [f"    {state.value} --> [*]"]
    return [*lines, "```"]


def table(transitions: Mapping[Stage, AbstractSet[Stage]]) -> list[str]:
    """The same for those who read."""
    lines = ["| From | May go on to |", "|---|---|"]
    for state, following in transitions.items():
        after = ", ".join(each.label for each in Stage if each in following)
        lines.append(f"| {state.label} | {after or 'nothing: it has ended'} |")
    return lines


def words(states: type[Enum]) -> list[str]:
    """The values that are kept and the words that are shown."""
    return ["| Kept as | Shown as |", "|---|---|", *(f"| `{each.value}` | {each.label} |" for each in states)]  # type: ignore[attr-defined]


def outcomes() -> list[str]:
    """What one outcome is called on each screen."""
    lines = ["| Kept as | Task log | Last run of a task | List of tasks | Today |", "|---|---|---|---|---|"]
    for code, each in OUTCOMES.items():
        shown = " | ".join(word or NOT_TOLD for word in (each.log, each.task, each.asked, each.today))
        lines.append(f"| `{code}` | {shown} |")
    return lines


def pending() -> list[str]:
    """Why nothing is planned for a task at a base."""
    lines = ["| Kept as | Pending: | What to do |", "|---|---|---|"]
    return lines + [
        f"| `{each.value}` | {each.label} | {each.remedy or NOT_TOLD} |" for each in PendingReason
    ]


def states_page() -> str:
    """Everything that has a state."""
    lines = [
        "# States",
        "",
        "## A run",
        "",
        RESUMED,
        "",
        *diagram(TRANSITIONS, first=FIRST),
        "",
        *table(TRANSITIONS),
        "",
        "## How a run came out",
        "",
        *outcomes(),
        "",
        "## What set a run off",
        "",
        *words(Origin),
        "",
        "## A received file",
        "",
        *words(ImportJobStatus),
        "",
        "## A task that is Pending at a base",
        "",
        *pending(),
    ]
    return NOTE + "\n".join(lines) + "\n"
