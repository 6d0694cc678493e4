"""The kinds of transfer a task or a run can be, in the words officers see."""

from __future__ import annotations

from enum import Enum


class DataType(Enum):
    """What is collected; the value is stored, the label is shown."""

    SNAPSHOT = "snapshot"
    CHANGED_DATA = "changed_data"
    ATTENDANCE_CHANGED_DATA = "attendance_changed_data"

    @property
    def label(self) -> str:
        """The seed's words for it."""
        return _LABELS[self]


_LABELS = {
    DataType.SNAPSHOT: "Snapshot Data",
    DataType.CHANGED_DATA: "Changed Data",
    DataType.ATTENDANCE_CHANGED_DATA: "Attendance Changed Data (SIMS Primary)",
}
