"""Reads a run under lock, for those who change it: the row as it is now, and how others stand to it.

By hand, because building these queries anew each time takes longer than all else a run does that finds
nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection, models, transaction

from schoolgate.bases.models import Base
from schoolgate.runs.models import Run

_FIELDS = Run._meta.concrete_fields  # noqa: SLF001 - Django's public name for a model's columns
_ATTRIBUTES = [each.attname for each in _FIELDS]
_IS_JSON = [isinstance(each, models.JSONField) for each in _FIELDS]
_RUN_COLUMNS = ", ".join(f"run.{each.column}" for each in _FIELDS)
_BASE_FIELDS = ("id", "dfe_number", "mis", "moved_to_sims_primary_at")
"""What is read of the base; the rest of it is there when somebody asks."""
_SQL = Path(__file__).parent / "sql"
_WITH_BASE = (_SQL / "locked_run.sql").read_text(encoding="utf-8").replace("run_columns", _RUN_COLUMNS)
_ALONE = f"SELECT {_RUN_COLUMNS} FROM run WHERE id = %(run_id)s FOR NO KEY UPDATE"  # noqa: S608 - our own columns


class LastSuccess(msgspec.Struct, frozen=True):
    """What the last success of a run's task at its base left for the next one."""

    since_at: datetime | None
    is_historic_send_left_out: bool


def locked(run_id: int) -> Run:
    """The run, locked until the transaction ends."""
    return _run(_row(_ALONE, run_id))


def locked_with_base(run_id: int) -> tuple[Run, LastSuccess]:
    """The run with its base, locked until the transaction ends, and what its task's last success left."""
    row = _row(_WITH_BASE, run_id)
    width = len(_FIELDS)
    run = _run(row[:width])
    dfe_number, mis, moved_at, since_at, is_historic_send_left_out = row[width:]
    run.base = Base.from_db(connection.alias, _BASE_FIELDS, (run.base_id, dfe_number, mis, moved_at))
    return run, LastSuccess(since_at, is_historic_send_left_out)


def was_read_since(run: Run) -> bool:
    """Whether another run of the base has begun to read after this one did."""
    others = Run.objects.filter(base_id=run.base_id).exclude(pk=run.pk)
    return others.filter(read_started_at__gt=run.read_started_at).exists()


def _row(statement: str, run_id: int) -> Sequence[Any]:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock is held by a transaction, and there is none")
    with connection.cursor() as cursor:
        cursor.execute(statement, {"run_id": run_id})
        found: Sequence[Any] | None = cursor.fetchone()
    if found is None:
        raise Run.DoesNotExist
    return found


def _run(row: Sequence[Any]) -> Run:
    values = [
        msgspec.json.decode(value) if is_json and value is not None else value
        for is_json, value in zip(_IS_JSON, row, strict=True)
    ]
    return Run.from_db(connection.alias, _ATTRIBUTES, values)
