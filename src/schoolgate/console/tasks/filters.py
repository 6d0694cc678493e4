"""What the list of scheduled tasks is narrowed by."""

from __future__ import annotations

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from schoolgate.authority.queries import defaults
from schoolgate.runs.queries import by_last_run
from schoolgate.runs.states import OUTCOMES
from schoolgate.tasks.access import Membership, Owner
from schoolgate_message.data_types import DataType

SHOWN = (
    ("", "Active"),
    ("queued", "Queued"),
    ("pending", "Pending"),
    ("inactive", "Not active"),
    ("all", "All"),
)
LAST = (
    ("", "Any"),
    *((code, words.asked) for code, words in OUTCOMES.items() if words.asked),
    ("never", "Not run yet"),
)


class TaskFilter(forms.Form):
    """Every field may stay empty; then the active tasks are listed."""

    name = forms.CharField(label="Task Name", required=False, max_length=100)
    data_type = forms.ChoiceField(label="Data Type", required=False)
    owner = forms.ChoiceField(label="Owner", required=False, choices=[("", "Any"), *Owner.choices])
    show = forms.ChoiceField(label="Show", required=False, choices=SHOWN)
    last = forms.ChoiceField(label="Last run", required=False, choices=LAST)

    def offer(self) -> TaskFilter:
        """The data types that System defaults name."""
        offered = defaults().offered_data_types
        choices = [(each.value, each.label) for each in DataType if each.value in offered]
        self.fields["data_type"].choices = [("", "Any"), *choices]  # type: ignore[attr-defined]
        return self

    @property
    def is_filtered(self) -> bool:
        """Whether anything was asked for."""
        return self.is_valid() and any(self.cleaned_data.values())

    def narrow(self, rows: QuerySet[Membership]) -> QuerySet[Membership]:
        """The rows that fit; a field that can't be read narrows nothing."""
        self.is_valid()
        given = self.cleaned_data
        if given.get("name"):
            rows = rows.filter(task__name__icontains=given["name"])
        if given.get("data_type"):
            rows = rows.filter(task__data_type=given["data_type"])
        if given.get("owner"):
            rows = rows.filter(task__owner=given["owner"])
        rows = _shown(rows, given.get("show", ""))
        return by_last_run(rows, given["last"]) if given.get("last") else rows


IS_QUEUED = Q(pending_reason="", next_due_at__isnull=False)
"""As ``tasks.queries.is_queued`` says of one row."""


def how_many_queued(rows: QuerySet[Membership]) -> int:
    """How many of the rows are Queued; the others are Pending, or not active."""
    return int(rows.aggregate(queued=Count("pk", filter=IS_QUEUED))["queued"])


def _shown(rows: QuerySet[Membership], show: str) -> QuerySet[Membership]:
    return {
        "queued": rows.filter(IS_QUEUED),
        "pending": rows.filter(task__is_active=True).exclude(IS_QUEUED),
        "inactive": rows.filter(task__is_active=False),
        "all": rows,
    }.get(show, rows.filter(task__is_active=True))


def without(query: QueryDict, *names: str) -> QueryDict:
    """An address's parameters without some of them."""
    kept = query.copy()
    for name in names:
        kept.pop(name, None)
    return kept
