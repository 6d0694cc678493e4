"""Scheduler settings: when a task is due, as an officer fills it in."""

from __future__ import annotations

import calendar
from typing import Any

from django import forms

from schoolgate.console.days import day_field, time_field
from schoolgate.tasks.access import Frequency, ScheduledTask
from schoolgate.tasks.schedules import DAYS, MOST_WINDOW_MINUTES, Schedule

MONTHS = tuple((str(number), calendar.month_name[number]) for number in range(1, 13))


class ScheduleForm(forms.Form):
    """How often, on which days, from when to when; what belongs to another frequency is dropped."""

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
        required=False,
        help_text="1 to 31. Beyond the end of the month, its last day is meant.",
    )
    start_time = time_field("Start time")
    is_repeated = forms.BooleanField(label="Repeat within the day", required=False)
    repeat_minutes = forms.IntegerField(label="Every how many minutes", required=False, help_text="5 to 720.")
    repeat_until = time_field("Until", required=False, help_text="The last time of day.")
    starts_on = day_field("First day")
    expires_on = day_field("Expiry date", required=False, help_text="The last day. Empty when there is none.")
    window_minutes = forms.IntegerField(
        label="Random window in minutes",
        required=False,
        help_text=f"Each base starts at a moment of its own, so many minutes after the start time at most, "
        f"so that not all start at once. 0 to {MOST_WINDOW_MINUTES}; empty for none.",
    )

    def schedule(self) -> Schedule:
        """When it is due; the form must be valid."""
        given = self.cleaned_data
        frequency = given["frequency"]
        is_weekly, is_monthly = frequency == Frequency.WEEKLY, frequency == Frequency.MONTHLY
        is_repeated = given["is_repeated"] and frequency != Frequency.ONCE
        return Schedule(
            frequency=frequency,
            starts_on=given["starts_on"],
            start_time=given["start_time"],
            weekdays=tuple(int(day) for day in given["weekdays"]) if is_weekly else (),
            months=tuple(int(month) for month in given["months"]) if is_monthly else (),
            month_day=given["month_day"] if is_monthly else None,
            expires_on=given["expires_on"],
            repeat_minutes=(given["repeat_minutes"] or 0) if is_repeated else None,
            repeat_until=given["repeat_until"] if is_repeated else None,
            window_minutes=given["window_minutes"] or 0,
        )


def schedule_initial(task: ScheduledTask) -> dict[str, Any]:
    """What the fields show of a task that exists."""
    return {
        "frequency": task.frequency,
        "weekdays": [str(day) for day in task.weekdays],
        "months": [str(month) for month in task.months],
        "month_day": task.month_day,
        "start_time": task.start_time,
        "is_repeated": task.repeat_minutes is not None,
        "repeat_minutes": task.repeat_minutes,
        "repeat_until": task.repeat_until,
        "starts_on": task.starts_on,
        "expires_on": task.expires_on,
        "window_minutes": task.window_minutes or None,
    }
