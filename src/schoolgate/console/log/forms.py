"""What the task log is narrowed by: the seed's filters, and base, dates and text."""

from __future__ import annotations

from datetime import timedelta

from django import forms

from schoolgate.runs.queries import LogFilters
from schoolgate.runs.states import LogStatus
from schoolgate_message.data_types import DataType


class LogFilter(forms.Form):
    """Every field may stay empty."""

    task = forms.CharField(label="Task Name", required=False, max_length=100)
    cohort = forms.ChoiceField(label="Cohort", required=False)
    data_type = forms.ChoiceField(
        label="Data Type",
        required=False,
        choices=[("", "Any"), *((each.value, each.label) for each in DataType)],
    )
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "Any"), *((each.value, each.label) for each in LogStatus)],
    )
    from_on = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    to_on = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    text = forms.CharField(label="Base, file or exception", required=False, max_length=100)

    def offer(self, cohorts: list[str]) -> LogFilter:
        """The cohorts to choose from."""
        self.fields["cohort"].choices = [("", "Any"), *((each, each or "All") for each in cohorts if each)]  # type: ignore[attr-defined]
        return self

    def filters(self, *, base_id: int | None) -> LogFilters:
        """What was asked for; a field that can't be read narrows nothing and shows its error."""
        self.is_valid()
        given = self.cleaned_data
        to_on = given.get("to_on")
        return LogFilters(
            task=given.get("task", ""),
            cohort=given.get("cohort", ""),
            data_type=given.get("data_type", ""),
            status=given.get("status", ""),
            base_id=base_id,
            from_on=given.get("from_on"),
            until_on=to_on + timedelta(days=1) if to_on else None,
            text=given.get("text", ""),
        )
