"""A pupil's record as the page shows it: every value with where it came from and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from schoolgate.bases.access import Base
from schoolgate.console import words
from schoolgate.console.values import shown
from schoolgate.lib.clock import london_day
from schoolgate.lib.folding import sort_key
from schoolgate.pages.words import clock_time, day
from schoolgate.pupils.access import HeldGroup, RecordChange
from schoolgate.runs.access import Run
from schoolgate_message.blocks import Row
from schoolgate_message.items import DataGroup


@dataclass(frozen=True, kw_only=True)
class Source:
    """`from Ashgrove Primary, snapshot of 23 November 2026, written 2:12am`, and the run behind it."""

    sentence: str
    run_id: int | None


@dataclass(frozen=True, kw_only=True)
class ShownItem:
    """One data item of a group of one record; the source is the item's own, not the group's."""

    label: str
    value: str
    source: Source | None


@dataclass(frozen=True, kw_only=True)
class ShownGroup:
    """One data group at one base: its items, or its rows under the labels of its items."""

    group: DataGroup
    source: Source
    items: list[ShownItem]
    heads: list[str]
    rows: list[list[str]]


def source_of(
    *,
    base_id: int | None,
    run_id: int | None,
    at: datetime,
    bases: Mapping[int, Base],
    runs: Mapping[int, Run],
) -> Source:
    """Who sent it, in which run, and when it was written; a base that the reader doesn't see has no name."""
    base = bases.get(base_id or 0)
    run = runs.get(run_id or 0)
    said = f"from {base.name}" if base else "from another base" if base_id else "from this console"
    if run is not None:
        read_on = london_day(run.started_at or run.planned_at)
        said += f", {words.short_data_type(run.data_type).lower()} of {day(read_on)}"
    written = clock_time(at)
    if run is None or london_day(run.started_at or run.planned_at) != london_day(at):
        written = f"{day(at)} at {written}"
    return Source(sentence=f"{said}, written {written}", run_id=run_id if run else None)


def shown_group(
    held: HeldGroup,
    *,
    item_changes: Mapping[str, RecordChange],
    bases: Mapping[int, Base],
    runs: Mapping[int, Run],
) -> ShownGroup:
    """A group as it stands; an item whose own change is known shows that, the others the group's."""
    source = source_of(base_id=held.base_id, run_id=held.run_id, at=held.written_at, bases=bases, runs=runs)
    if isinstance(held.content, list):
        heads, rows = _rows(held.group, held.content)
        return ShownGroup(group=held.group, source=source, items=[], heads=heads, rows=rows)
    items = []
    for item in held.group.items:
        change = item_changes.get(item.name)
        own = _source_of_change(change, bases=bases, runs=runs) if change else source
        value = shown(item, held.content.get(item.name))
        items.append(ShownItem(label=item.label, value=value, source=own if value else None))
    return ShownGroup(group=held.group, source=source, items=items, heads=[], rows=[])


def _source_of_change(change: RecordChange, *, bases: Mapping[int, Base], runs: Mapping[int, Run]) -> Source:
    return source_of(base_id=change.base_id, run_id=change.run_id, at=change.at, bases=bases, runs=runs)


def _rows(group: DataGroup, content: Iterable[Row]) -> tuple[list[str], list[list[str]]]:
    """The rows in the group's reading order; columns that are empty everywhere are left out."""
    ordered = sorted(content, key=lambda row: [_place(row, name) for name in group.order])
    used = [item for item in group.items if any(item.name in row for row in ordered)]
    return [item.label for item in used], [
        [shown(item, row.get(item.name)) for item in used] for row in ordered
    ]


def _place(row: Row, name: str) -> tuple[str, str]:
    """Where an item's value puts its row: priorities by size, family names as people sort them."""
    value = row.get(name, "")
    return (f"{value:04}" if isinstance(value, int) else sort_key(str(value)), str(value))
