"""Where a run can stand, what may follow, and the words each state has on each screen."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import NamedTuple


class _Labelled(Enum):
    @property
    def label(self) -> str:
        """The words an officer sees."""
        return _LABELS[self]


class Stage(_Labelled):
    """The steps of a run."""

    DUE = "due"
    WAITING = "waiting"
    COLLECTING = "collecting"
    LANDING = "landing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Origin(_Labelled):
    """What set a run off."""

    TASK = "task"
    AD_HOC = "ad_hoc"
    UPLOAD = "upload"
    SUPPLIER = "supplier"
    AGENT = "agent"
    RELEASE = "release"


class LogStatus(_Labelled):
    """How the task log calls a finished run or file."""

    SUCCESSFULLY_EXPORTED = "exported"
    NOTHING_CHANGED = "nothing_changed"
    EXPORTED_WITH_EXCEPTIONS = "exceptions"
    FAILED = "failed"


class LastRunStatus(_Labelled):
    """How a task's last run is called beside the task."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESSFUL = "exported"
    NOTHING_CHANGED = "nothing_changed"
    FAILED = "failed"
    MISSED = "missed"


class ImportJobStatus(_Labelled):
    """Where a received file stands."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "import_failed"


class OutcomeWords(NamedTuple):
    """What one outcome of a run is called on each screen; empty where a screen doesn't tell it."""

    log: str = ""
    """The task log's Status."""
    task: str = ""
    """Last Run Status beside a task."""
    asked: str = ""
    """What a list of tasks can be narrowed to."""
    today: str = ""
    """A day's square on the board, in words."""


OUTCOMES = MappingProxyType(
    {
        "failed": OutcomeWords("Failed", "Failed", "Failed", "failed"),
        "missed": OutcomeWords(task="Missed", today="missed"),
        "exceptions": OutcomeWords("Exported with Exceptions", "Successful", "With exceptions", "landed"),
        "exported": OutcomeWords("Successfully Exported", "Successful", "Successful", "landed"),
        "nothing_changed": OutcomeWords(
            "Nothing Changed", "Nothing changed", "Nothing changed", "nothing changed"
        ),
        "running": OutcomeWords(task="Running", asked="Running"),
        "pending": OutcomeWords(task="Pending"),
    }
)
"""How a run came out or stands, the worst first: tasks, task log and Today read their words here."""

ACTIVE = (Stage.COLLECTING.value, Stage.LANDING.value)
"""Stages of which a base can have only one run at a time; the database holds us to it."""

FINISHED = (Stage.DONE.value, Stage.FAILED.value, Stage.CANCELLED.value)
UNFINISHED = (Stage.DUE.value, Stage.WAITING.value, *ACTIVE)

FIRST = Stage.DUE
"""Where every run begins."""

TRANSITIONS = MappingProxyType(
    {
        Stage.DUE: frozenset({Stage.WAITING, Stage.COLLECTING, Stage.LANDING, Stage.CANCELLED, Stage.FAILED}),
        Stage.WAITING: frozenset(
            {Stage.WAITING, Stage.COLLECTING, Stage.LANDING, Stage.CANCELLED, Stage.FAILED}
        ),
        Stage.COLLECTING: frozenset(
            {Stage.COLLECTING, Stage.WAITING, Stage.LANDING, Stage.DONE, Stage.FAILED, Stage.CANCELLED}
        ),
        Stage.LANDING: frozenset({Stage.LANDING, Stage.WAITING, Stage.DONE, Stage.FAILED, Stage.CANCELLED}),
        Stage.DONE: frozenset[Stage](),
        Stage.FAILED: frozenset[Stage](),
        Stage.CANCELLED: frozenset[Stage](),
    }
)

_LABELS: dict[_Labelled, str] = {
    Stage.DUE: "Due",
    Stage.WAITING: "Waiting",
    Stage.COLLECTING: "Collecting",
    Stage.LANDING: "Landing",
    Stage.DONE: "Done",
    Stage.FAILED: "Failed",
    Stage.CANCELLED: "Cancelled",
    Origin.TASK: "Scheduled task",
    Origin.AD_HOC: "Run by an officer",
    Origin.UPLOAD: "Uploaded file",
    Origin.SUPPLIER: "Supplier",
    Origin.AGENT: "School's agent",
    Origin.RELEASE: "Released from Held",
    **{each: OUTCOMES[each.value].log for each in LogStatus},
    **{each: OUTCOMES[each.value].task for each in LastRunStatus},
    ImportJobStatus.QUEUED: "Queued",
    ImportJobStatus.PROCESSING: "Processing",
    ImportJobStatus.COMPLETED: "Completed",
    ImportJobStatus.FAILED: "Failed",
}


def comes_with_files(origin: Origin) -> bool:
    """Whether such a run brings its content along, and reads no source."""
    return origin not in {Origin.TASK, Origin.AD_HOC}


def may_follow(stage: Stage, after: Stage) -> bool:
    """Whether a run standing at ``stage`` may go on to ``after``."""
    return after in TRANSITIONS[stage]


def stages_before(after: Stage) -> list[str]:
    """The stages from which a run may go on to ``after``, as they are kept: for a statement's condition."""
    return [stage.value for stage in Stage if may_follow(stage, after)]
