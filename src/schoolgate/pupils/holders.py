"""Who of some pupils holds a data item or a data group: what is about to be emptied is counted against it."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from schoolgate.pupils.columns import table_of
from schoolgate_message.items import DataGroup, ItemType, Scope


def pupils_holding(group: DataGroup, item: str, pupil_ids: Collection[int], *, base_id: int) -> set[int]:
    """Which of these pupils hold an item of a group, or (``item`` empty) the group at all.

    A yes/no item is held by those of whom it says yes. ``base_id`` matters only to a group that states facts
    of a pupil at a base. One statement.
    """
    if not pupil_ids:
        return set()
    found = next((each for each in group.items if each.name == item), None)
    told = "" if found is None else f" AND {found.name} IS {_held(found.type)}"
    at_base = " AND base_id = %(base_id)s" if group.scope is Scope.BASE else ""
    statement = (
        f"SELECT DISTINCT pupil_id FROM {table_of(group)}"  # noqa: S608 - names of our own declarations
        f" WHERE pupil_id = ANY(%(pupil_ids)s){told}{at_base}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"pupil_ids": list(pupil_ids), "base_id": base_id})
        return {pupil_id for (pupil_id,) in cursor.fetchall()}


def _held(kind: ItemType) -> str:
    return "TRUE" if kind is ItemType.YES_NO else "NOT NULL"
