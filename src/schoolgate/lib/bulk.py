"""Many rows into a PostgreSQL table at once: COPY, which leaves row-by-row inserts far behind.

The text of the COPY is put together here rather than value by value in the driver, which takes a third
of the time: values are joined by control characters that no text of ours holds, and one pass over a few
hundred rows turns these into PostgreSQL's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
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


def written_array(texts: Iterable[str]) -> str:
    """Texts as PostgreSQL writes an array, to be cast in the statement: hundreds take the driver long."""
    return (
        "{" + ",".join(['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts]) + "}"
    )


def copy_lines(cursor: Any, table: str, columns: Sequence[str], lines: Iterable[str]) -> int:
    """The same for rows whose values were joined by ``FIELD`` already, ``NULL`` where there is none.

    Within ``without_waiting`` an error of the server may come only with a later statement.
    """
    quoted = ", ".join(f'"{name}"' for name in columns)
    statement = f'COPY "{table}" ({quoted}) FROM STDIN'
    written = 0
    waiting = iter(lines)
    with ExitStack() as stack:
        copy = stack.enter_context(copying(cursor, statement))
        while some := list(islice(waiting, _ROWS_AT_ONCE)):
            copy.write(_text(some, len(columns)))
            written += len(some)
        under_way = _under_way.get()
        if under_way is not None:
            under_way.copying = stack.pop_all()
    return written


def copying(cursor: Any, statement: str) -> AbstractContextManager[Any]:
    """A COPY to write to by oneself; one that is still under way comes to its end first."""
    under_way = _under_way.get()
    if under_way is not None:
        under_way.finish()
    return cast("AbstractContextManager[Any]", cast("CopyingCursor", cursor).copy(statement))


class AbandonedCopyError(Exception):
    """A COPY is taken back, since what it belongs to failed. It tells the server nothing of the failure."""


class _UnderWay:
    """The COPY whose rows have been sent, and whose end has not been waited for."""

    def __init__(self) -> None:
        self.copying: ExitStack | None = None

    def finish(self) -> None:
        """Wait for its end; raises what the server has against it."""
        copying, self.copying = self.copying, None
        if copying is not None:
            copying.close()

    def abandon(self) -> None:
        """Have the server take it back, so that the transaction can be rolled back."""
        copying, self.copying = self.copying, None
        if copying is not None:
            error = AbandonedCopyError()
            copying.__exit__(type(error), error, None)

    def before_statement(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Django's wrapper around every statement: a connection does one thing at a time."""
        self.finish()
        return execute(*arguments)


_under_way: ContextVar[_UnderWay | None] = ContextVar("under_way", default=None)


@contextmanager
def without_waiting(connection: Any) -> Iterator[None]:
    """Let the server take rows in while the next are being made.

    Within it nobody waits for the end of a COPY until the next statement on this connection or the end
    of the block, which must lie inside the transaction. The server's error, if there is one, is raised
    there, and the transaction is lost as it would have been.
    """
    under_way = _UnderWay()
    token = _under_way.set(under_way)
    try:
        with connection.execute_wrapper(under_way.before_statement):
            yield
        under_way.finish()
    finally:
        _under_way.reset(token)
        under_way.abandon()


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
