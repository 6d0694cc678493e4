"""A change of a record in an officer's words: which item, what it was, what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from schoolgate.audit.actions import LINK
from schoolgate.console import links, why, words
from schoolgate.console.values import named, shown, shown_row
from schoolgate.pupils.access import RecordChange
from schoolgate_message.blocks import Row
from schoolgate_message.groups import ATTENDANCE, BY_NAME
from schoolgate_message.items import DataGroup
from schoolgate_message.pairing import RowChange, row_changes

ADDED, REMOVED = "Row added", "Row removed"
_SESSIONS = ("AM", "PM")


@dataclass(frozen=True, kw_only=True)
class ItemChange:
    """One line of a change; before or after is empty where there was or is nothing.

    ``why`` is the rule that decided of the item, in words, where not one rule decided of all.
    """

    label: str
    before: str
    after: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one data group of one pupil; ``reason`` is what decided of it, in words."""

    row: RecordChange
    group_label: str
    kind: str
    items: list[ItemChange]
    reason: str


def changed_items(rows: Iterable[RecordChange]) -> list[Change]:
    """The changes, spelled out."""
    return [
        Change(
            row=row,
            group_label=words.group(row.group),
            kind=row.kind,
            items=_items(row),
            reason=why.in_passing(row.reason),
        )
        for row in rows
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
        return row_lines(group, row.before or [], row.after or [])
    return _record(group, row.before or {}, row.after or {}, rules=row.rules or {})


def _record(
    group: DataGroup, before: Mapping[str, Any], after: Mapping[str, Any], *, rules: Mapping[str, str]
) -> list[ItemChange]:
    return [
        replace(line, why=why.sentence(rules[name])) if name in rules else line
        for name, line in _changed(group, before, after)
    ]


def _changed(
    group: DataGroup, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, ItemChange]]:
    """Which items differ, each with its line."""
    for item in group.items:
        was, now = before.get(item.name), after.get(item.name)
        if was != now:
            yield item.name, ItemChange(label=item.label, before=shown(item, was), after=shown(item, now))


def row_lines(group: DataGroup, before: Iterable[Row], after: Iterable[Row]) -> list[ItemChange]:
    """What changed within rows, item by item; rows that came or went whole; those in both are left out."""
    return [line for each in row_changes(group, before, after) for line in _row(group, each)]


def _row(group: DataGroup, change: RowChange) -> list[ItemChange]:
    if change.before is None:
        return [ItemChange(label=ADDED, before="", after=shown_row(group, change.after or {}))]
    if change.after is None:
        return [ItemChange(label=REMOVED, before=shown_row(group, change.before), after="")]
    title = named(group, change.after) or "Row"
    return [
        ItemChange(
            label=title if name == group.tells else f"{title}: {line.label}",
            before=line.before,
            after=line.after,
        )
        for name, line in _changed(group, change.before, change.after)
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
