"""A data item's value as people read it: days written out, codes with their meaning, yes and no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from schoolgate.codes.registry import code_set
from schoolgate.pages.words import day, first_upper
from schoolgate_message.groups import COMMUNICATIONS, CONTACTS
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


def named(group: DataGroup, row: Mapping[str, object]) -> str:
    """Which row of a list it is, by its natural key: Mobile telephone; Ruth Marlowe; SEN support, from a day.

    Empty where nothing of its key is known.
    """
    items = [item for item in group.items if item.name in group.identity and row.get(item.name)]
    if group.name in _READ_BACKWARDS:
        said = [_meaning(item, row[item.name]) for item in sorted(items, key=_last_first(group))]
        return " ".join([*said[:1], *(_within(group, word) for word in said[1:])])
    return first_upper(", ".join(_meaning(item, row[item.name]) for item in items))


_READ_BACKWARDS = {COMMUNICATIONS.name, CONTACTS.name}
"""Whose key says the kind or the family first, and people the other way round."""


def _last_first(group: DataGroup) -> Callable[[DataItem], int]:
    return lambda item: -group.identity.index(item.name)


def _within(group: DataGroup, word: str) -> str:
    """A code's word in the middle of a name; people's names stay as they are."""
    return word if group is CONTACTS else word[:1].lower() + word[1:]


def _meaning(item: DataItem, value: object) -> str:
    """A value as part of a name: a code's meaning without the code, a day with its preposition."""
    if item.type is ItemType.CODE and item.code_set:
        codes = code_set(item.code_set)
        return codes.label(str(value)) if codes.has(str(value)) else str(value)
    said = shown(item, value)
    return f"from {said}" if item.type is ItemType.DATE else said


def _with_meaning(name: str, code: str) -> str:
    codes = code_set(name)
    if not codes.has(code):
        return code
    label = codes.label(code)
    return label if label == code else f"{label} ({code})"
