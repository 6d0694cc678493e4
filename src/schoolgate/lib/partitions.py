"""Tables kept in pieces by time: which piece an instant belongs to; making pieces and moving rows into them.

A piece is one of PostgreSQL's range partitions, so many months long and named after the month it begins in
(``diary_2026_09``); it begins at midnight in England. What has no piece lies in the default one
(``diary_default``), so that no row is ever turned away. Every function works in the caller's transaction.
Names of tables and columns come from our own declarations, never from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from schoolgate.lib.clock import LONDON

_MONTHS = 12
_SUFFIX = re.compile(r"_(\d{4})_(\d{2})$")


class Span(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A stretch of time, half-open, and the name of the piece that holds it."""

    starts_at: datetime
    ends_at: datetime
    piece: str


class Partitioned(msgspec.Struct, frozen=True, kw_only=True):
    """A table in pieces: ``column`` says when, a piece is ``months`` long, one begins in ``first_month``.

    So many pieces are made ``ahead`` of the one of today.
    """

    table: str
    column: str
    months: int
    first_month: int = 1
    ahead: int = 2

    @property
    def default(self) -> str:
        """The piece of whatever has no other."""
        return f"{self.table}_default"

    def span_of(self, instant: datetime) -> Span:
        """The span an aware instant belongs to."""
        local = instant.astimezone(LONDON)
        return self._span(local.year * _MONTHS + local.month - 1)

    def spans(self, first: datetime, last: datetime, *, more: int = 0) -> Iterator[Span]:
        """Every span from that of ``first`` to that of ``last``, and so many ``more``."""
        span, final = self.span_of(first), self.span_of(last)
        while more >= 0:
            yield span
            more -= span >= final
            span = self.span_of(span.ends_at)

    def span_named(self, piece: str) -> Span | None:
        """The span whose piece has this name; ``None`` for the default piece and for what isn't ours."""
        found = _SUFFIX.search(piece.removeprefix(self.table))
        if found is None:
            return None
        span = self._span(int(found[1]) * _MONTHS + int(found[2]) - 1)
        return span if span.piece == piece else None

    def _span(self, month: int) -> Span:
        begins = month - (month - self.first_month + 1) % self.months
        starts_at, ends_at = (
            datetime(each // _MONTHS, each % _MONTHS + 1, 1, tzinfo=LONDON)
            for each in (begins, begins + self.months)
        )
        piece = f"{self.table}_{starts_at:%Y_%m}"
        return Span(starts_at=starts_at, ends_at=ends_at, piece=piece)


def made_pieces(cursor: Any, parted: Partitioned) -> list[Span]:
    """The spans that have a piece, oldest first."""
    cursor.execute(
        "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
        "WHERE inhparent = %s::regclass",
        [parted.table],
    )
    found = (parted.span_named(piece) for (piece,) in cursor.fetchall())
    return sorted(span for span in found if span is not None)


def oldest_stray(cursor: Any, parted: Partitioned) -> datetime | None:
    """When the oldest row of the default piece is from, ``None`` while it is empty: a step down an index."""
    column = f'"{parted.column}"'
    cursor.execute(f'SELECT {column} FROM "{parted.default}" ORDER BY {column} LIMIT 1')  # noqa: S608
    row = cursor.fetchone()
    return None if row is None else row[0]


def make_piece(cursor: Any, parted: Partitioned, span: Span) -> int:
    """Makes the piece of a span unless it is there; answers how many rows moved to it from the default one.

    Nobody can use the table until the transaction ends. The rows are moved as they are.
    """
    strays = f"""FROM "{parted.default}" WHERE "{parted.column}" >= %s AND "{parted.column}" < %s"""
    bounds = [span.starts_at, span.ends_at]
    cursor.execute(f'LOCK TABLE "{parted.table}" IN ACCESS EXCLUSIVE MODE')
    if span in made_pieces(cursor, parted):
        return 0
    cursor.execute(f"CREATE TEMP TABLE strays ON COMMIT DROP AS SELECT * {strays}", bounds)
    cursor.execute(f"DELETE {strays}", bounds)
    left = cursor.rowcount
    create(cursor, parted, span)
    cursor.execute(f'INSERT INTO "{span.piece}" TABLE strays')
    moved = int(cursor.rowcount)
    if moved != left:
        raise RuntimeError(f"{left} rows left {parted.default}, {moved} came to {span.piece}")
    cursor.execute("DROP TABLE strays")
    return moved


def create(cursor: Any, parted: Partitioned, span: Span) -> None:
    """Makes an empty piece; refused by the database where the default piece holds rows of its span."""
    begins, ends = span.starts_at.isoformat(), span.ends_at.isoformat()
    cursor.execute(
        f'CREATE TABLE "{span.piece}" PARTITION OF "{parted.table}" '
        f"FOR VALUES FROM ('{begins}') TO ('{ends}')"
    )
