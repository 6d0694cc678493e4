"""Add New Task, in the seed's words and order."""

from __future__ import annotations

from typing import Any

from django import forms

from schoolgate.tasks.models import Frequency, ScheduledTask, TransferType
from schoolgate.tasks.rules import NC_YEARS, Schedule
from schoolgate.tasks.schedules import DAYS

STUDENT = "student"
ATTENDANCE = "attendance"
FILTERS = ((STUDENT, "Student Data"), (ATTENDANCE, "Attendance Data"))
STUDENT_TYPES = (("snapshot", "Snapshot Data"), ("changed_data", "Changed Data"))
ATTENDANCE_TYPES = (("attendance_changed_data", "Attendance Changed Data (SIMS Primary)"),)
MONTHS = tuple(
    (str(number), name)
    for number, name in enumerate(
        ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
         "November", "December"), start=1,
    )
)  # fmt: skip


def year_label(year: str) -> str:
    """The seed's words for a year: Curriculum Year N2."""
    return f"Curriculum Year {year}"


class TaskForm(forms.Form):
    """A scheduled task. Which data type counts depends on the chosen Data Filter Details."""

    name = forms.CharField(label="Task Name", max_length=100)
    is_active = forms.BooleanField(label="Active", required=False, initial=True)
    transfer_type = forms.ChoiceField(label="Transfer Type", choices=TransferType.choices)
    data_filter = forms.ChoiceField(label="Data Filter Details", choices=FILTERS, widget=forms.RadioSelect)
    student_type = forms.ChoiceField(
        label="Student Data", choices=STUDENT_TYPES, required=False, widget=forms.RadioSelect
    )
    attendance_type = forms.ChoiceField(
        label="Attendance Data", choices=ATTENDANCE_TYPES, required=False, widget=forms.RadioSelect
    )
    nc_years = forms.MultipleChoiceField(
        label="NCY",
        choices=[(year, year_label(year)) for year in NC_YEARS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick none for all years.",
    )
    frequency = forms.ChoiceField(label="How often", choices=Frequency.choices, widget=forms.RadioSelect)
    weekdays = forms.MultipleChoiceField(
        label="On which days",
        choices=[(str(place), name) for place, name in enumerate(DAYS)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    months = forms.MultipleChoiceField(
        label="In which months", choices=MONTHS, required=False, widget=forms.CheckboxSelectMultiple
    )
    month_day = forms.IntegerField(
        label="On which day of the month",
        min_value=1,
        max_value=31,
        required=False,
        help_text="Beyond a month's end, its last day is meant.",
    )
    start_time = forms.TimeField(
        label="Start time", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    starts_on = forms.DateField(
        label="First day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    expires_on = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Leave empty when there is none.",
    )

    def clean(self) -> dict[str, Any]:
        """Asks for the data type that belongs to the chosen Data Filter Details."""
        cleaned = super().clean() or {}
        chosen = "attendance_type" if cleaned.get("data_filter") == ATTENDANCE else "student_type"
        if cleaned.get("data_filter") and not cleaned.get(chosen):
            self.add_error(chosen, "Choose what is collected.")
        return cleaned

    def data_type(self) -> str:
        """The chosen data type; the form must be valid."""
        chosen = "attendance_type" if self.cleaned_data["data_filter"] == ATTENDANCE else "student_type"
        return str(self.cleaned_data[chosen])

    def schedule(self) -> Schedule:
        """When it is due; the form must be valid. What belongs to another frequency is dropped."""
        given = self.cleaned_data
        frequency = given["frequency"]
        is_weekly, is_monthly = frequency == Frequency.WEEKLY, frequency == Frequency.MONTHLY
        return Schedule(
            frequency=frequency,
            starts_on=given["starts_on"],
            start_time=given["start_time"],
            weekdays=tuple(int(day) for day in given["weekdays"]) if is_weekly else (),
            months=tuple(int(month) for month in given["months"]) if is_monthly else (),
            month_day=given["month_day"] if is_monthly else None,
            expires_on=given["expires_on"],
        )


def initial_of(task: ScheduledTask) -> dict[str, Any]:
    """What the form shows of a task that exists."""
    is_attendance = task.data_type in dict(ATTENDANCE_TYPES)
    return {
        "name": task.name,
        "is_active": task.is_active,
        "transfer_type": task.transfer_type,
        "data_filter": ATTENDANCE if is_attendance else STUDENT,
        "attendance_type" if is_attendance else "student_type": task.data_type,
        "nc_years": task.nc_years,
        "frequency": task.frequency,
        "weekdays": [str(day) for day in task.weekdays],
        "months": [str(month) for month in task.months],
        "month_day": task.month_day,
        "start_time": task.start_time,
        "starts_on": task.starts_on,
        "expires_on": task.expires_on,
    }
