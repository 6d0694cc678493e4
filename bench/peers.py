"""The strongest peer measured so far: dlt, given Arrow tables, merging into the same PostgreSQL.

It gets every advantage we could find: its tables exist before the clock starts, its rows come already
parsed and typed, it loads by COPY, and nobody asks it for matching, audit, accounts or a cache.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

os.environ |= {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "false",
}

import dlt
import psycopg
import pyarrow as pa

from schoolgate.pupils.columns import table_of
from schoolgate_message.groups import GROUPS
from schoolgate_message.items import DataGroup, DataItem, ItemType

DATASET = "peer"

_TYPES = {ItemType.YES_NO: pa.bool_(), ItemType.NUMBER: pa.int64(), ItemType.DATE: pa.date32()}


class Peer:
    """A dlt pipeline into the installation's database, in a schema of its own."""

    def __init__(self, folder: Path) -> None:
        """``folder`` holds what dlt keeps between its runs."""
        self._pipeline = dlt.pipeline(
            pipeline_name="peer",
            destination=dlt.destinations.postgres(credentials=os.environ["DATABASE_URL"]),
            dataset_name=DATASET,
            pipelines_dir=str(folder / "dlt"),
        )

    def prepare(self, tables: Mapping[str, pa.Table]) -> None:
        """Let dlt make its tables, so that their making is not counted."""
        self.merge({name: table.slice(0, 1) for name, table in tables.items()})

    def merge(self, tables: Mapping[str, pa.Table]) -> None:
        """Merge the rows by their keys: all of them go through, as dlt has no cache of what landed."""
        self._pipeline.run(
            [
                dlt.resource([table], name=name, primary_key=_key(name), write_disposition="merge")
                for name, table in tables.items()
            ],
            loader_file_format="csv",
        ).raise_on_failed_jobs()


def register_rows(
    connection: psycopg.Connection[tuple[object, ...]], base_ids: Sequence[int]
) -> dict[str, pa.Table]:
    """The register's rows that these bases wrote, as Arrow tables by the name of the table."""
    found = {}
    for group in GROUPS:
        names = _columns(group)
        quoted = ", ".join(f'"{name}"' for name in names)
        rows = connection.execute(
            f"SELECT {quoted} FROM {table_of(group)} WHERE base_id = ANY(%s)", [list(base_ids)]
        ).fetchall()
        if rows:
            columns = zip(*rows, strict=True)
            kinds = _kinds(group)
            arrays = [pa.array(each, type=kinds[name]) for name, each in zip(names, columns, strict=True)]
            found[table_of(group)] = pa.table(arrays, names=list(names))
    return found


def differing_rows(connection: psycopg.Connection[tuple[object, ...]], tables: Sequence[str]) -> int:
    """How many rows the register and the peer's tables do not have in common."""
    differing = 0
    for group in GROUPS:
        if table_of(group) not in tables:
            continue
        chosen = ", ".join(f'"{name}"' for name in _columns(group))
        ours, theirs = (
            f"SELECT {chosen} FROM {table_of(group)}",
            f"SELECT {chosen} FROM {DATASET}.{table_of(group)}",
        )
        apart = f"({ours} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {ours})"
        row = connection.execute(f"SELECT count(*) FROM ({apart}) apart").fetchone()
        assert row is not None
        differing += int(str(row[0]))
    return differing


def _columns(group: DataGroup) -> tuple[str, ...]:
    place = ("position",) if group.is_list else ()
    return ("pupil_id", "base_id", "run_id", *place, *group.item_names)


def _kinds(group: DataGroup) -> dict[str, pa.DataType]:
    numbers = dict.fromkeys(("pupil_id", "base_id", "run_id", "position"), pa.int64())
    return numbers | {item.name: _kind(item) for item in group.items}


def _kind(item: DataItem) -> pa.DataType:
    if item.type is ItemType.DECIMAL:
        return pa.decimal128(7, 2)
    return _TYPES.get(item.type, pa.string())


def _key(table: str) -> list[str]:
    group = next(each for each in GROUPS if table_of(each) == table)
    return ["pupil_id", "base_id", "position"] if group.is_list else ["pupil_id"]
