"""A change of a record in an officer's words: which item, what it was, what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schoolgate.audit.actions import LINK
from schoolgate.console import links, words
from schoolgate.console.values import shown, shown_row
from schoolgate.pupils.access import RecordChange
from schoolgate_message.groups import ATTENDANCE, BY_NAME
from schoolgate_message.items import DataGroup

_SESSIONS = ("AM", "PM")


@dataclass(frozen=True, kw_only=True)
class ItemChange:
    """One line of a change; before or after is empty where there was or is nothing."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one data group of one pupil."""

    row: RecordChange
    group_label: str
    kind: str
    items: list[ItemChange]


def changed_items(rows: Iterable[RecordChange]) -> list[Change]:
    """The changes, spelled out."""
    return [
        Change(row=row, group_label=words.group(row.group), kind=row.kind, items=_items(row)) for row in rows
    ]


def _items(row: RecordChange) -> list[ItemChange]:
    if row.group == ATTENDANCE:
        return _marks(row.after or {})
    if row.group == LINK:
        label, before, after = links.line(row.before or {}, row.after or {})
        return [ItemChange(label=label, before=before, after=after)]
    group = BY_NAME.get(row.group)
    if group is None:
        return []
    if group.is_list:
        return _rows(group, row.before or [], row.after or [])
    return _record(group, row.before or {}, row.after or {})


def _record(group: DataGroup, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ItemChange]:
    return [
        ItemChange(
            label=item.label,
            before=shown(item, before.get(item.name)),
            after=shown(item, after.get(item.name)),
        )
        for item in group.items
        if before.get(item.name) != after.get(item.name)
    ]


def _rows(group: DataGroup, before: list[Any], after: list[Any]) -> list[ItemChange]:
    """Rows that went and rows that came; those in both are left out."""
    gone = [row for row in before if row not in after]
    come = [row for row in after if row not in before]
    return [ItemChange(label="Row removed", before=shown_row(group, row), after="") for row in gone] + [
        ItemChange(label="Row added", before="", after=shown_row(group, row)) for row in come
    ]


def _marks(patch: Mapping[str, list[Any]]) -> list[ItemChange]:
    found: list[ItemChange] = []
    for on, codes in sorted(patch.items()):
        for place, session in enumerate(_SESSIONS):
            before, after = codes[2 * place], codes[2 * place + 1]
            if before != after:
                found.append(
                    ItemChange(
                        label=f"{words.short_day(on)} {session}", before=_mark(before), after=_mark(after)
                    )
                )
    return found


def _mark(code: str | None) -> str:
    return "" if code in {None, "-", ""} else str(code)
