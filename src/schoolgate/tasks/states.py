"""Where a task stands at a base: Queued, or Pending with the reason why it has not been taken up."""

from __future__ import annotations

from enum import Enum


class PendingReason(Enum):
    """Why no occurrence is planned; the value is kept, the label is shown."""

    TASK_PAUSED = "task_paused"
    BASE_INACTIVE = "base_inactive"
    WAITS_FOR_MIGRATION = "waits_for_migration"
    WAITS_FOR_AGENT = "waits_for_agent"
    CONNECTION_MISSING = "connection_missing"
    CONNECTION_UNTESTED = "connection_untested"
    OVER = "over"
    NOT_PLANNED_YET = "not_planned_yet"

    @property
    def label(self) -> str:
        """The words an officer sees after "Pending:"."""
        return _LABELS[self]

    @property
    def remedy(self) -> str:
        """What to do about it; empty where one can only wait."""
        return _REMEDIES.get(self, "")


_LABELS = {
    PendingReason.TASK_PAUSED: "the task is not active",
    PendingReason.BASE_INACTIVE: "the base is not active",
    PendingReason.WAITS_FOR_MIGRATION: "waits for migration to SIMS Primary",
    PendingReason.WAITS_FOR_AGENT: "the school's agent has not fetched it",
    PendingReason.CONNECTION_MISSING: "SIMS Primary settings are missing",
    PendingReason.CONNECTION_UNTESTED: "the connection has not been tested",
    PendingReason.OVER: "the schedule is over",
    PendingReason.NOT_PLANNED_YET: "not planned yet",
}

_REMEDIES = {
    PendingReason.TASK_PAUSED: "Edit the task and tick Active.",
    PendingReason.BASE_INACTIVE: "Edit the base and make it active.",
    PendingReason.WAITS_FOR_MIGRATION: "Move the base to SIMS Primary when the school has moved.",
    PendingReason.CONNECTION_MISSING: "Add the base's SIMS Primary settings.",
    PendingReason.CONNECTION_UNTESTED: "Open the base and test the connection.",
    PendingReason.OVER: "Edit the task's schedule.",
}
