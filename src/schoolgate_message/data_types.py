"""The kinds of transfer a task or a run can be, in the words officers see."""

from __future__ import annotations

from enum import Enum


class DataType(Enum):
    """What is collected; the value is stored, the label is shown."""

    SNAPSHOT = "snapshot"
    CHANGED_DATA = "changed_data"
    ATTENDANCE_CURRENT_YEAR = "attendance_current_year"
    UNAUTHORISED_CURRENT_YEAR = "unauthorised_current_year"
    ABSENCES_CURRENT_YEAR = "absences_current_year"
    ATTENDANCE_PREVIOUS_YEAR = "attendance_previous_year"
    ATTENDANCE_CHANGED_DATA = "attendance_changed_data"
    ATTAINMENT = "attainment"

    @property
    def label(self) -> str:
        """The seed's and the handbook's words for it."""
        return _LABELS[self]

    @property
    def is_attendance(self) -> bool:
        """Whether it is one of the five kinds of attendance data."""
        return self in ATTENDANCE_KINDS


ATTENDANCE_KINDS = (
    DataType.ATTENDANCE_CURRENT_YEAR,
    DataType.UNAUTHORISED_CURRENT_YEAR,
    DataType.ABSENCES_CURRENT_YEAR,
    DataType.ATTENDANCE_PREVIOUS_YEAR,
    DataType.ATTENDANCE_CHANGED_DATA,
)
"""The five kinds of attendance data, in the order they are offered."""

_LABELS = {
    DataType.SNAPSHOT: "Snapshot Data",
    DataType.CHANGED_DATA: "Changed Data",
    DataType.ATTENDANCE_CURRENT_YEAR: "All Attendances for Current Academic Year",
    DataType.UNAUTHORISED_CURRENT_YEAR: "All Unauthorised Absences for Current Academic Year",
    DataType.ABSENCES_CURRENT_YEAR: "All Absences for Current Academic Year",
    DataType.ATTENDANCE_PREVIOUS_YEAR: "All Attendances for Previous Academic Year",
    DataType.ATTENDANCE_CHANGED_DATA: "Attendance Changed Data (SIMS Primary)",
    DataType.ATTAINMENT: "Attainment Data",
}
