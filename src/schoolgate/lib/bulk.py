"""Many rows into a PostgreSQL table at once: COPY, which leaves row-by-row inserts far behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, cast


class CopyingCursor(Protocol):
    """A cursor that can be asked for a COPY; Django's passes the question on to psycopg's."""

    def copy(self, statement: str) -> Any: ...


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Copy the rows into ``table`` and answer how many there were.

    Values are written as text, so a day may come as ``YYYY-MM-DD`` and a decimal as its digits. The
    names of table and columns come from our own declarations, never from outside.
    """
    quoted = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{table}" ({quoted}) FROM STDIN'
    written = 0
    with cast("AbstractContextManager[Any]", cast("CopyingCursor", cursor).copy(statement)) as copy:
        for row in rows:
            copy.write_row(row)
            written += 1
    return written
