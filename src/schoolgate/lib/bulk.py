"""Many rows into a PostgreSQL table at once: COPY, which leaves row-by-row inserts far behind.

The text of the COPY is put together here rather than value by value in the driver, which takes a third
of the time: values are joined by control characters that no text of ours holds, and one pass over a few
hundred rows turns these into PostgreSQL's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, Protocol, cast

FIELD, NULL = "\x1f", "\x1e"
"""What stands between the values of a line, and where there is none."""
_ROW = "\x1d"
_ROWS_AT_ONCE = 500
_WRITTEN = (
    ("\\", "\\\\"),
    ("\t", "\\t"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    (FIELD, "\t"),
    (_ROW, "\n"),
    (NULL, "\\N"),
)


class UncopyableTextError(ValueError):
    """A text holds a control character that stands between values here; it would shift the columns."""


class CopyingCursor(Protocol):
    """A cursor that can be asked for a COPY; Django's passes the question on to psycopg's."""

    def copy(self, statement: str) -> Any: ...


def copy_rows(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Copy the rows into ``table`` and answer how many there were.

    Values are written as ``str`` gives them, ``None`` as null: so a day may come as ``YYYY-MM-DD``, a
    decimal as its digits, an array as PostgreSQL writes it. The names of table and columns come from our
    own declarations, never from outside. Raises UncopyableTextError.
    """
    return copy_lines(cursor, table, columns, map(_line, rows))


def copy_lines(cursor: Any, table: str, columns: Sequence[str], lines: Iterable[str]) -> int:
    """The same for rows whose values were joined by ``FIELD`` already, ``NULL`` where there is none."""
    quoted = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{table}" ({quoted}) FROM STDIN'
    written = 0
    waiting = iter(lines)
    with cast("AbstractContextManager[Any]", cast("CopyingCursor", cursor).copy(statement)) as copy:
        while some := list(islice(waiting, _ROWS_AT_ONCE)):
            copy.write(_text(some, len(columns)))
            written += len(some)
    return written


def _line(row: Sequence[object]) -> str:
    return FIELD.join(
        [NULL if value is None else value if type(value) is str else str(value) for value in row]
    )


def _text(lines: list[str], columns: int) -> str:
    text = _ROW.join(lines) + _ROW
    if text.count(FIELD) != len(lines) * (columns - 1) or text.count(_ROW) != len(lines):
        raise UncopyableTextError("a text holds a control character")
    for ours, theirs in _WRITTEN:
        text = text.replace(ours, theirs)
    return text
