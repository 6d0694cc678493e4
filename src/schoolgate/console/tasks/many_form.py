"""Edit many: every field may be left as each task has it."""

from __future__ import annotations

from typing import Any

from django import forms
from msgspec import UNSET

from schoolgate.console.days import day_field, time_field
from schoolgate.console.tasks.forms import year_label
from schoolgate.tasks.access import Owner
from schoolgate.tasks.cohorts import NC_YEARS
from schoolgate.tasks.many import TaskChanges
from schoolgate.tasks.schedules import DAYS

KEEP, NONE, SET = "", "none", "set"
YES, NO = "yes", "no"


def _keep(label: str, *choices: tuple[str, str]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[(KEEP, "Leave as it is"), *choices])


class ManyForm(forms.Form):
    """What to change at all ticked tasks."""

    is_active = _keep("Active", (YES, "Active"), (NO, "Not active"))
    owner = _keep("Owner", *Owner.choices)
    start_time = time_field("Start time", required=False, help_text="Empty leaves it as it is.")
    window_minutes = forms.IntegerField(
        label="Random window in minutes",
        required=False,
        help_text="Empty leaves it as it is; 0 takes it away.",
    )
    days = _keep("Days of weekly tasks", (SET, "Change them to"))
    weekdays = forms.MultipleChoiceField(
        label="On which days",
        choices=[(str(place), name) for place, name in enumerate(DAYS)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    repeats = _keep("Repeats within the day", (NONE, "No repeats"), (SET, "Change them to"))
    repeat_minutes = forms.IntegerField(label="Every how many minutes", required=False, help_text="5 to 720.")
    repeat_until = time_field("Until", required=False)
    expiry = _keep("Expiry date", (NONE, "No expiry date"), (SET, "Change it to"))
    expires_on = day_field("Expiry date", required=False)
    years = _keep("NCY", (NONE, "All"), (SET, "Change it to"))
    nc_years = forms.MultipleChoiceField(
        label="NCY",
        choices=[(year, year_label(year)) for year in NC_YEARS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    looked_after = _keep("Looked After", (YES, "Only children looked after"), (NO, "Everybody"))
    historic_send = _keep("Historic SEND", (YES, "Leave it out"), (NO, "Collect it"))

    def clean(self) -> dict[str, Any]:
        """Asks for what a changed field is changed to, and for something to change."""
        cleaned = super().clean() or {}
        for chosen, field, ask in (
            ("days", "weekdays", "Tick at least one day of the week."),
            ("repeats", "repeat_minutes", "Enter 5 to 720 minutes."),
            ("repeats", "repeat_until", "Enter the time of the last repeat."),
            ("expiry", "expires_on", "Enter the last day."),
            ("years", "nc_years", "Tick at least one year, or choose All."),
        ):
            if cleaned.get(chosen) == SET and not cleaned.get(field) and field not in self.errors:
                self.add_error(field, ask)
        if not self.errors and self.changes() == TaskChanges():
            raise forms.ValidationError("Nothing is changed: choose at least one field to change.")
        return cleaned

    def changes(self) -> TaskChanges:
        """The wish; the form must be valid."""
        given = self.cleaned_data
        return TaskChanges(
            is_active=_yes_or_no(given["is_active"]),
            owner=given["owner"] or UNSET,
            start_time=UNSET if given["start_time"] is None else given["start_time"],
            window_minutes=UNSET if given["window_minutes"] is None else given["window_minutes"],
            weekdays=tuple(int(day) for day in given["weekdays"]) if given["days"] == SET else UNSET,
            repeat_minutes=_chosen(given["repeats"], given["repeat_minutes"]),
            repeat_until=_chosen(given["repeats"], given["repeat_until"]),
            expires_on=_chosen(given["expiry"], given["expires_on"]),
            nc_years={SET: tuple(given["nc_years"]), NONE: ()}.get(given["years"], UNSET),
            is_looked_after_only=_yes_or_no(given["looked_after"]),
            is_historic_send_left_out=_yes_or_no(given["historic_send"]),
        )


def _yes_or_no(value: str) -> Any:
    return {YES: True, NO: False}.get(value, UNSET)


def _chosen(choice: str, value: Any) -> Any:
    return {SET: value, NONE: None}.get(choice, UNSET)
