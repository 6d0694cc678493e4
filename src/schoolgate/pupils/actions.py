"""Writes the register set-wise. Whoever calls these audits what changed, in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from schoolgate.lib.bulk import FIELD, NULL, copy_lines
from schoolgate.pupils.columns import copy_columns, delete_of, line_writer, table_of
from schoolgate_message.blocks import Content
from schoolgate_message.items import DataGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Which base and run a value came from, and when it was written."""

    base_id: int
    run_id: int | None
    written_at: datetime


def add_pupils(count: int, *, run_id: int | None, now: datetime) -> list[int]:
    """Open ``count`` new records and answer their ids, rising."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pupil (created_at, created_by_run, is_active)"
            " SELECT %s, %s, true FROM generate_series(1, %s) RETURNING id",
            [now, run_id, count],
        )
        return sorted(row[0] for row in cursor.fetchall())


def lock_pupils(pupil_ids: Collection[int]) -> None:
    """Hold these records until the transaction ends, so that two bases write a shared pupil in turn.

    Locked in the order of their ids: two landings that share several pupils queue up rather than
    stand in each other's way.
    """
    if pupil_ids:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM pupil WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(pupil_ids)]
            )


def write_blocks(
    group: DataGroup, *, added: Mapping[int, Content], changed: Mapping[int, Content], source: Source
) -> int:
    """Write one group's content for many pupils and answer how many rows that made.

    ``added`` are pupils of whom nothing is held in this group, ``changed`` the others: their rows are
    taken away first, which costs an update's price (a new version of the row) and needs one path only.
    """
    with connection.cursor() as cursor:
        if changed:
            cursor.execute(delete_of(group), {"pupil_ids": list(changed), "base_id": source.base_id})
        # Put together once, not once a row: the instant's words alone took a twentieth of a first snapshot.
        instant = source.written_at.isoformat()
        come_from = FIELD.join(("", str(source.base_id), _or_null(source.run_id), instant))
        write = line_writer(group)
        lines = (
            line
            for blocks in (added, changed)
            for pupil_id, content in blocks.items()
            for line in write(f"{pupil_id}{come_from}", content)
        )
        return copy_lines(cursor, table_of(group), copy_columns(group), lines)


def _or_null(value: int | None) -> str:
    return NULL if value is None else str(value)


def remove_blocks(group: DataGroup, *, pupil_ids: Collection[int], base_id: int) -> None:
    """Take one group's content away from many pupils; for a group at a base, that base's only."""
    if pupil_ids:
        with connection.cursor() as cursor:
            cursor.execute(delete_of(group), {"pupil_ids": list(pupil_ids), "base_id": base_id})
