"""How a data group's canonical content stands in its table: which columns, and there and back.

A value that is not known is an absent key in the content and null in the table. Days and decimals
are text in canonical form, so they are asked for as text, and both ways agree to the letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import cast

from schoolgate.pupils.folding import DERIVED, derived_columns
from schoolgate_message import groups
from schoolgate_message.blocks import Content, Row, Value
from schoolgate_message.items import DataGroup, DataItem, ItemType, Scope

PROVENANCE = ("base_id", "run_id", "written_at")

GroupRow = tuple[object, ...]
"""One row of a group's table, in the order of ``copy_columns``."""


def table_of(group: DataGroup) -> str:
    """The name of the group's table."""
    return f"pupil_{group.name}"


@cache
def copy_columns(group: DataGroup) -> tuple[str, ...]:
    """The columns written for a row of the group; lists have a ``position`` as well."""
    place = ("position",) if group.is_list else ()
    return ("pupil_id", *PROVENANCE, *place, *group.item_names, *derived_columns(group))


@cache
def select_of(group: DataGroup) -> str:
    """The statement that reads the content of many pupils; a group at a base, of one base only."""
    items = ", ".join(_selected(item) for item in group.items)
    at_base = " AND base_id = %(base_id)s" if group.scope is Scope.BASE else ""
    order = " ORDER BY pupil_id, position" if group.is_list else ""
    return (
        f"SELECT pupil_id, {items} FROM {table_of(group)}"  # noqa: S608 - names of our own declarations
        f" WHERE pupil_id = ANY(%(pupil_ids)s){at_base}{order}"
    )


@cache
def delete_of(group: DataGroup) -> str:
    """The statement that takes a group's content away from many pupils."""
    at_base = " AND base_id = %(base_id)s" if group.scope is Scope.BASE else ""
    return f"DELETE FROM {table_of(group)} WHERE pupil_id = ANY(%(pupil_ids)s){at_base}"  # noqa: S608


def rows_of(
    group: DataGroup, pupil_id: int, content: Content, provenance: tuple[object, object, object]
) -> Iterable[GroupRow]:
    """The table's rows of one pupil's content."""
    names = group.item_names
    start = (pupil_id, *provenance)
    if isinstance(content, dict):
        get = content.get
        made = [DERIVED[group.name][1](content)] if group.name in DERIVED else []
        yield (*start, *[get(name) for name in names], *made)
        return
    for position, row in enumerate(content, start=1):
        get = row.get
        yield (*start, position, *[get(name) for name in names])


def content_of(group: DataGroup, rows: Sequence[Sequence[object]]) -> Content:
    """The canonical content of one pupil from rows read by ``select_of`` (without the pupil's id)."""
    names = group.item_names
    found: list[Row] = [_row(names, row) for row in rows]
    return found if group.is_list else found[0]


def _row(names: tuple[str, ...], values: Sequence[object]) -> Row:
    pairs = zip(names, values, strict=True)
    return {name: cast("Value", value) for name, value in pairs if value is not None}


def _selected(item: DataItem) -> str:
    if item.type is ItemType.DATE:
        return f"to_char({item.name}, 'YYYY-MM-DD')"
    if item.type is ItemType.DECIMAL:
        return f"trim_scale({item.name})::text"
    return item.name


by_pupil = itemgetter(0)

PERSON_GROUPS = frozenset(group.name for group in groups.GROUPS if group.scope is Scope.PUPIL)
"""Groups of which a pupil has one record, whichever base sends it."""
