"""A data item's value as people read it: days written out, codes with their meaning, yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from schoolgate.codes.registry import code_set
from schoolgate.pages.words import day
from schoolgate_message.items import DataGroup, DataItem, ItemType


def shown(item: DataItem, value: object) -> str:
    """The value in words; empty for none. An unknown code is shown as it is."""
    if value is None or value == "":
        return ""
    if item.type is ItemType.YES_NO:
        return "Yes" if value else "No"
    if item.type is ItemType.DATE:
        return day(value if isinstance(value, date) else str(value))
    if item.type is ItemType.CODE and item.code_set:
        return _with_meaning(item.code_set, str(value))
    return str(value)


def shown_row(group: DataGroup, row: Mapping[str, object]) -> str:
    """A row of a list group in one line: its items with their labels, in the declared order."""
    said = [f"{item.label}: {shown(item, row[item.name])}" for item in group.items if item.name in row]
    return "; ".join(said)


def _with_meaning(name: str, code: str) -> str:
    codes = code_set(name)
    if not codes.has(code):
        return code
    label = codes.label(code)
    return label if label == code else f"{label} ({code})"
