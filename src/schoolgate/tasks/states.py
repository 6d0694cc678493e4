"""Where a task stands at a base: a member or not yet, Queued, or Pending with the reason why."""

from __future__ import annotations

from enum import Enum


class MembershipState(Enum):
    """Whether a base takes part in a task; only active members must be of the task's kind."""

    ACTIVE = "active"
    WAITING = "waiting"
    """A SIMS Primary task, and the base is still on SIMS 7: it takes part once it has moved."""
    ENDED = "ended"
    """A SIMS 7 task that SIMS Primary can't carry out, and the base has moved: kept for the record."""


class PendingReason(Enum):
    """Why no occurrence is planned; the value is kept, the label is shown."""

    TASK_PAUSED = "task_paused"
    BASE_INACTIVE = "base_inactive"
    WAITS_FOR_MIGRATION = "waits_for_migration"
    NOT_ON_SIMS_PRIMARY = "not_on_sims_primary"
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
    PendingReason.NOT_ON_SIMS_PRIMARY: "SIMS Primary does not support this kind of task",
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
    PendingReason.NOT_ON_SIMS_PRIMARY: "Make an Attendance Changed Data (SIMS Primary) task for attendance.",
    PendingReason.CONNECTION_MISSING: "Add the base's SIMS Primary settings.",
    PendingReason.CONNECTION_UNTESTED: "Open the base and test the connection.",
    PendingReason.OVER: "Edit the task's schedule.",
}
