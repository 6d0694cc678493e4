"""Makes the pieces of tables that grow without end, years before they are needed.

A piece is made in a transaction of its own that waits for others half a second at most: the landing that
holds the table goes first, and tomorrow is soon enough. No piece is ever dropped: what is kept in pieces is
kept as long as the child's record.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

import msgspec
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from schoolgate.audit.actions import record_event
from schoolgate.lib.partitions import Partitioned, Span, made_pieces, make_piece, oldest_stray
from schoolgate.maintenance.queries import TABLES

log = logging.getLogger(__name__)

PATIENCE = "500ms"
MOST_STRAYS = 100
"""Pieces made in one go for rows without one; instants of a broken clock may ask for many."""


class Care(msgspec.Struct, frozen=True, kw_only=True):
    """What a day's care of the pieces did: names of pieces, and how many rows left the default ones."""

    made: tuple[str, ...]
    rows_moved: int


def keep_partitions(*, now: datetime) -> Care:
    """Makes what is missing and empties the default pieces. Safe to repeat and to run twice at once."""
    made: list[str] = []
    moved = 0
    for parted in TABLES:
        try:
            for span in _wanted(parted, now=now):
                moved += _make(parted, span, now=now)
                made.append(span.piece)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            # Somebody is at work on the table; nothing is lost by leaving it until tomorrow.
            log.warning("maintenance.partitions.postponed table=%s", parted.table)
    log.info("maintenance.partitions.done made=%s moved=%s", len(made), moved)
    return Care(made=tuple(made), rows_moved=moved)


def _wanted(parted: Partitioned, *, now: datetime) -> Iterator[Span]:
    """The spans without a piece: those of today and ahead, then those of rows in the default piece."""
    with connection.cursor() as cursor:
        there = made_pieces(cursor, parted)
    yield from (each for each in parted.spans(now, now, more=parted.ahead) if each not in there)
    for _ in range(MOST_STRAYS):
        with connection.cursor() as cursor:
            stray = oldest_stray(cursor, parted)
        if stray is None:
            return
        yield parted.span_of(stray)


def _make(parted: Partitioned, span: Span, *, now: datetime) -> int:
    """Makes one piece; the audit lets rows be moved by a transaction that says it is maintenance."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        cursor.execute("SET LOCAL schoolgate.maintenance = 'on'")
        moved = make_piece(cursor, parted, span)
        cursor.execute("SET LOCAL schoolgate.maintenance = 'off'")
        record_event("maintenance.partition.made", now=now, details={"piece": span.piece, "rows": moved})
    return moved
