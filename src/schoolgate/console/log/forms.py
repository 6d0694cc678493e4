"""What the task log is narrowed by: the seed's filters, and base, dates and text."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import QueryDict

from schoolgate.authority.queries import defaults
from schoolgate.console.tasks.schedule_form import day_field
from schoolgate.lib import clock
from schoolgate.runs.states import LogStatus
from schoolgate.runs.task_log import LogFilters
from schoolgate_message.data_types import DataType


class LogFilter(forms.Form):
    """Every field may stay empty."""

    task = forms.CharField(label="Task Name", required=False, max_length=100)
    cohort = forms.ChoiceField(label="Cohort", required=False)
    data_type = forms.ChoiceField(label="Data Type", required=False)
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "Any"), *((each.value, each.label) for each in LogStatus)],
    )
    base = forms.CharField(label="Base Name or number", required=False, max_length=100)
    from_on = day_field("From", required=False)
    to_on = day_field("To", required=False)
    text = forms.CharField(label="Words in any column", required=False, max_length=100)

    def offer(self, cohorts: list[str], data_types: tuple[str, ...]) -> LogFilter:
        """The cohorts there are, and the data types that System defaults name."""
        types = [(each.value, each.label) for each in DataType if each.value in data_types]
        self.fields["cohort"].choices = [("", "Any"), *((each, each) for each in cohorts if each)]  # type: ignore[attr-defined]
        self.fields["data_type"].choices = [("", "Any"), *types]  # type: ignore[attr-defined]
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
            base=given.get("base", "").strip(),
            from_on=given.get("from_on"),
            until_on=to_on + timedelta(days=1) if to_on else None,
            text=given.get("text", ""),
        )


def opened_filter(query: QueryDict, *, cohorts: list[str], is_of_one_base: bool = False) -> LogFilter:
    """The filter as asked for; opened without one, it begins at the start date of System defaults."""
    asked, set_now = query.copy(), defaults()
    names = LogFilter.base_fields
    if not any(name in asked for name in names):
        asked["from_on"] = (clock.today() - timedelta(days=set_now.search_days)).isoformat()
    form = LogFilter(asked).offer(cohorts, set_now.offered_data_types)
    if is_of_one_base:
        del form.fields["base"]
    return form
