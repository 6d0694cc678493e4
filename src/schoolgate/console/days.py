"""Fields for a day and a time of day, which every form of the console uses."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""What a day on a form may be: beyond, it is a slip of the fingers, and calendars end."""


class DayField(forms.DateField):
    """A day between ``FIRST`` and ``LAST``, picked from the browser's calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def to_python(self, value: Any) -> date | None:
        """Says so where a day is none that anything happens on."""
        day = super().to_python(value)
        if day is not None and not FIRST <= day <= LAST:
            raise ValidationError(f"Enter a day from {FIRST.year} to {LAST.year}.", code="out_of_range")
        return day


def day_field(label: str, *, help_text: str = "", required: bool = True) -> DayField:
    """A day."""
    return DayField(label=label, required=required, help_text=help_text)


def time_field(label: str, *, help_text: str = "", required: bool = True) -> forms.TimeField:
    """A time of day in England."""
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    return forms.TimeField(label=label, required=required, widget=widget, help_text=help_text)
