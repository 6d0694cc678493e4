"""How a data group's canonical content stands in its table: which columns, and there and back.

A value that is not known is an absent key in the content and null in the table. Days and decimals
are text in canonical form, so they are asked for as text, and both ways agree to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import cast

from schoolgate.lib.bulk import FIELD, NULL
from schoolgate.pupils.folding import DERIVED, derived_columns
from schoolgate_message import groups
from schoolgate_message.blocks import Content, Row, Value
from schoolgate_message.items import DataGroup, DataItem, ItemType, Scope

PROVENANCE = ("base_id", "run_id", "written_at")

_WRITTEN_AS_TEXT = frozenset({ItemType.TEXT, ItemType.CODE, ItemType.DATE, ItemType.DECIMAL})
"""Items whose canonical value is a text already."""


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


@cache
def line_writer(group: DataGroup) -> Callable[[str, Content], list[str]]:
    """Compile the group's columns once: this is the inner loop of landing a county's pupils.

    The function takes the pupil's id and where its content came from, joined for ``copy_lines``, and
    the content; it answers a line for each row of the table.
    """
    get_values = _values_getter(group)

    def record(start: str, content: Content) -> list[str]:
        return [f"{start}{FIELD}{get_values(cast('Row', content))}"]

    def rows(start: str, content: Content) -> list[str]:
        numbered = enumerate(cast("list[Row]", content), start=1)
        return [f"{start}{FIELD}{position}{FIELD}{get_values(row)}" for position, row in numbered]

    return rows if group.is_list else record


def _values_getter(group: DataGroup) -> Callable[[Row], str]:
    """The values of a record or row, joined; those that aren't known as null."""
    names = group.item_names
    nothing = (NULL,) * len(names)

    def texts(row: Row) -> str:
        return FIELD.join(map(cast("Callable[..., str]", row.get), names, nothing))

    def values(row: Row) -> str:
        return FIELD.join(map(str, map(row.get, names, nothing)))

    are_texts = all(item.type in _WRITTEN_AS_TEXT for item in group.items)
    plain = texts if are_texts else values
    if group.name not in DERIVED:
        return plain
    makers = tuple(DERIVED[group.name].values())
    return lambda row: FIELD.join((plain(row), *(make(row) for make in makers)))


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
