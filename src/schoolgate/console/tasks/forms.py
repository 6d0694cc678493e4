"""Add New Task, in the seed's words and order; the scheduler settings are ``schedule_form``'s."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from schoolgate.console.tasks.schedule_form import ScheduleForm, schedule_initial
from schoolgate.lib import clock
from schoolgate.tasks.access import Owner, ScheduledTask, TransferType
from schoolgate.tasks.cohorts import NC_YEARS, Cohort
from schoolgate_message.data_types import ATTENDANCE_KINDS, DataType

ATTENDANCE = "attendance"
FILTERS = (
    (DataType.SNAPSHOT.value, "Snapshot Data"),
    (DataType.CHANGED_DATA.value, "Changed Data"),
    (ATTENDANCE, "Attendance Data"),
    (DataType.ATTAINMENT.value, "Attainment Data"),
)
"""The Data Filter Details drop-down; only Attendance Data has kinds beneath it."""


def year_label(year: str) -> str:
    """The seed's words for a year: Curriculum Year N2."""
    return f"Curriculum Year {year}"


class TaskForm(ScheduleForm):
    """A scheduled task. What each field may be is the room of tasks' to say, not the form's."""

    name = forms.CharField(label="Task Name", max_length=100)
    is_active = forms.BooleanField(label="Active", required=False)
    transfer_type = forms.ChoiceField(
        label="Transfer Type", choices=[(each.value, each.label) for each in TransferType]
    )
    data_filter = forms.ChoiceField(label="Data Filter Details", choices=FILTERS)
    attendance_type = forms.ChoiceField(
        label="Attendance Data",
        choices=[(each.value, each.label) for each in ATTENDANCE_KINDS],
        required=False,
        widget=forms.RadioSelect,
    )
    nc_years = forms.MultipleChoiceField(
        label="NCY",
        choices=[(year, year_label(year)) for year in NC_YEARS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick none for All; that includes pupils outside the curriculum years.",
    )
    is_looked_after_only = forms.BooleanField(
        label="Looked After", required=False, help_text="Only children looked after by an authority."
    )
    is_leavers = forms.BooleanField(
        label="Leavers",
        required=False,
        help_text="Only leavers, once a task has brought their leaving details. Snapshot and attendance.",
    )
    leaver_months = forms.IntegerField(
        label="Month filter",
        required=False,
        help_text="1 to 13: attendance of those who left so many months ago at most. Empty for all.",
    )
    is_historic_send_left_out = forms.BooleanField(
        label="Leave out historic SEND",
        required=False,
        help_text="Old SEN needs and statuses that were never closed are not collected; the newest one is.",
    )
    owner = forms.ChoiceField(label="Owner", choices=Owner.choices, widget=forms.RadioSelect)
    is_locked = forms.BooleanField(
        label="Lock this task to school use only",
        required=False,
        help_text="It goes on running. Nobody at the authority can change it until the lock is lifted.",
    )

    def clean(self) -> dict[str, Any]:
        """Asks for the kind of attendance where Attendance Data is chosen."""
        cleaned = super().clean() or {}
        if cleaned.get("data_filter") == ATTENDANCE and not cleaned.get("attendance_type"):
            self.add_error("attendance_type", "Choose which attendance data is collected.")
        return cleaned

    def data_type(self) -> str:
        """The chosen data type; the form must be valid."""
        chosen = self.cleaned_data["data_filter"]
        return str(self.cleaned_data["attendance_type"] if chosen == ATTENDANCE else chosen)

    def cohort(self) -> Cohort:
        """For whom it collects; the form must be valid. A month filter without Leavers is dropped."""
        given = self.cleaned_data
        return Cohort(
            nc_years=tuple(given["nc_years"]),
            is_looked_after_only=given["is_looked_after_only"],
            is_leavers=given["is_leavers"],
            leaver_months=given["leaver_months"] if given["is_leavers"] else None,
            is_historic_send_left_out=given["is_historic_send_left_out"],
        )


def initial_for_new() -> dict[str, Any]:
    """What a new task begins with: changed data of everybody, every weekday night from tomorrow on."""
    return {
        "is_active": True, "transfer_type": "export", "data_filter": DataType.CHANGED_DATA.value,
        "owner": Owner.LA.value, "frequency": "weekly", "weekdays": ["0", "1", "2", "3", "4"],
        "months": [str(month) for month in range(1, 13)], "month_day": 1, "start_time": "02:10",
        "starts_on": clock.today() + timedelta(days=1),
    }  # fmt: skip


def initial_of(task: ScheduledTask) -> dict[str, Any]:
    """What the form shows of a task that exists."""
    is_attendance = DataType(task.data_type).is_attendance
    return {
        "name": task.name,
        "is_active": task.is_active,
        "transfer_type": task.transfer_type,
        "data_filter": ATTENDANCE if is_attendance else task.data_type,
        "attendance_type": task.data_type if is_attendance else "",
        "nc_years": task.nc_years,
        "is_looked_after_only": task.is_looked_after_only,
        "is_leavers": task.is_leavers,
        "leaver_months": task.leaver_months,
        "is_historic_send_left_out": task.is_historic_send_left_out,
        "owner": task.owner,
        "is_locked": task.is_locked,
    } | schedule_initial(task)
