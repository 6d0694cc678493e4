"""What an officer types about a base."""

from __future__ import annotations

from django import forms

from schoolgate.bases.access import Mis
from schoolgate.bases.rules import ConnectionState

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
    """The seed's SIMS Primary API Settings; the two secret ones are never shown again."""

    client_id = forms.CharField(label="Client ID", max_length=200)
    secret = forms.CharField(
        label="Secret", max_length=500, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    subscription_key = forms.CharField(
        label="Subscription Key", max_length=500, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    organisation_id = forms.CharField(label="Organisation ID", max_length=60)
    token_url = forms.URLField(
        label="Address of the token service",
        required=False,
        assume_scheme="https",
        help_text="Leave empty for SIMS ID's own.",
    )
    api_url = forms.URLField(
        label="Address of the SIMS Primary API",
        required=False,
        assume_scheme="https",
        help_text="Leave empty for the supplier's own.",
    )

    def keep_secrets(self) -> ConnectionForm:
        """For a base that has its settings: an empty secret or key means the kept one stays."""
        for name in ("secret", "subscription_key"):
            self.fields[name].required = False
            self.fields[name].help_text = "Kept and not shown. Type a new one only to replace it."
        return self


class StartForm(forms.Form):
    """The confirmation of a step that can't be undone."""

    moved_on = forms.DateField(
        label="When did the school move to SIMS Primary?",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Changes are counted from the start of this day, for example 2026-09-01.",
    )
    is_confirmed = forms.BooleanField(
        label="Yes, this school uses SIMS Primary and will not go back to SIMS 7",
        error_messages={"required": "Tick the box to show that you mean it; this can't be undone."},
    )
