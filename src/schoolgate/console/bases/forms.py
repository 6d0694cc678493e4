"""What an officer types about a base."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django import forms

from schoolgate.bases.access import Mis
from schoolgate.bases.rules import ConnectionState
from schoolgate.connectors.declarations import ConnectionSetting
from schoolgate.console.days import day_field

STATES = (
    ("", "Any"),
    (ConnectionState.WORKS.value, "Works"),
    (ConnectionState.FAILS.value, "Fails"),
    (ConnectionState.UNTESTED.value, "Not tested"),
    (ConnectionState.MISSING.value, "No settings"),
)


class BaseFilter(forms.Form):
    """What the list of bases is narrowed by."""

    q = forms.CharField(label="Name or number", required=False, max_length=120)
    mis = forms.ChoiceField(label="MIS", required=False, choices=[("", "Any"), *Mis.choices])
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("active", "Active"), ("closed", "Not active"), ("all", "All")],
    )
    connection = forms.ChoiceField(label="Connection", required=False, choices=STATES)


class BaseForm(forms.Form):
    """A base's own facts."""

    name = forms.CharField(label="Base name", max_length=120)
    dfe_number = forms.CharField(
        label="DfE number",
        max_length=7,
        help_text="Seven digits: three for the authority, four for the school.",
    )
    urn = forms.CharField(
        label="URN", max_length=6, required=False, help_text="From Get Information about Schools."
    )
    phase = forms.CharField(label="Phase", max_length=40, required=False)
    contact_name = forms.CharField(label="Contact", max_length=120, required=False)
    contact_email = forms.EmailField(label="Contact's e-mail", required=False)
    telephone = forms.CharField(label="Telephone", max_length=35, required=False)
    address = forms.CharField(label="Address", max_length=300, required=False)


class EditBaseForm(BaseForm):
    """A base's facts once it exists, and whether the authority still exchanges with it."""

    is_active = forms.BooleanField(
        label="Active", required=False, help_text="A base that is not active is not collected."
    )


class ConnectionForm(forms.Form):
    """A connection's settings as the MIS's connector declares them; what is secret is never shown again."""

    def __init__(
        self, *args: Any, declared: Sequence[ConnectionSetting], kept: Collection[str] = (), **more: Any
    ) -> None:
        """``kept`` are the secrets there are: left empty, the kept one stays."""
        super().__init__(*args, **more)
        for each in declared:
            self.fields[each.name] = _setting(each, is_kept=each.name in kept)


def _setting(declared: ConnectionSetting, *, is_kept: bool) -> forms.Field:
    told: dict[str, Any] = {
        "label": declared.label,
        "help_text": declared.help,
        "required": declared.is_required and not is_kept,
    }
    if declared.is_address:
        return forms.URLField(**told, assume_scheme="https", max_length=declared.longest)
    if declared.is_secret:
        told["widget"] = forms.PasswordInput(attrs={"autocomplete": "off"})
        if is_kept:
            told["help_text"] = "Kept and not shown. Type a new one only to replace it."
    return forms.CharField(**told, max_length=declared.longest)


class StartForm(forms.Form):
    """The confirmation of a step that can't be undone."""

    moved_on = day_field(
        "When did the school move to SIMS Primary?",
        help_text="Changes are counted from the start of this day, for example 2026-09-01.",
    )
    is_confirmed = forms.BooleanField(
        label="Yes, this school uses SIMS Primary and will not go back to SIMS 7",
        error_messages={"required": "Tick the box to show that you mean it; this can't be undone."},
    )
