"""An override of the mapping, typed: one data item and where it really comes from."""

from __future__ import annotations

from typing import Any

from django import forms

from schoolgate.connectors.declarations import ShippedMapping
from schoolgate.console import words
from schoolgate_message.groups import BY_NAME

SOURCES = (
    ("field", "A field of the domain"),
    ("constant", "Always the same value"),
    ("none", "Nowhere: leave it out"),
)


class OverrideForm(forms.Form):
    """Where one data item comes from."""

    place = forms.ChoiceField(label="Data item")
    source = forms.ChoiceField(label="Where it comes from", choices=SOURCES, widget=forms.RadioSelect)
    field = forms.CharField(
        label="Field", max_length=120, required=False, help_text="A name, or a path such as Address/Town."
    )
    words = forms.ChoiceField(label="Turned into our codes by", required=False)
    position = forms.IntegerField(
        label="Place in the list",
        min_value=0,
        max_value=99,
        required=False,
        help_text="Only where the field holds a list; 1 is the first.",
    )
    constant = forms.CharField(label="Value", max_length=60, required=False)

    def offer(self, mapping: ShippedMapping) -> OverrideForm:
        """The data items and word lists there are to choose from."""
        self.fields["place"].choices = [("", "Choose a data item"), *_places(mapping)]  # type: ignore[attr-defined]
        self.fields["words"].choices = [("", "Taken as it is"), *((name, name) for name in mapping.words)]  # type: ignore[attr-defined]
        return self

    def clean(self) -> dict[str, Any]:
        """Asks for what belongs to the chosen source, and drops what belongs to another."""
        cleaned = super().clean() or {}
        source = cleaned.get("source")
        for name in ("field", "constant"):
            if source == name and not cleaned.get(name):
                self.add_error(name, "Enter the field." if name == "field" else "Enter the value.")
        if source != "field":
            cleaned |= {"field": "", "words": "", "position": 0}
        if source != "constant":
            cleaned["constant"] = ""
        cleaned["position"] = cleaned.get("position") or 0
        return cleaned


def _places(mapping: ShippedMapping) -> list[tuple[str, str]]:
    return [
        (f"{domain.name}:{group}:{item.name}", f"{words.group(group)}: {item.label} (from {domain.name})")
        for domain in mapping.domains
        for group in domain.groups
        for item in BY_NAME[group].items
    ]
