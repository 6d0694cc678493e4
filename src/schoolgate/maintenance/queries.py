"""Reads how the house is kept: whether every table in pieces has the ones it is about to need.

Imports no model: `schoolgate doctor` asks before it knows whether anything is set up.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from schoolgate.audit.partitions import RECORD_CHANGES
from schoolgate.lib.partitions import made_pieces, oldest_stray

TABLES = (RECORD_CHANGES,)
"""Every table in pieces."""


def partition_warnings(*, now: datetime) -> tuple[str, ...]:
    """A sentence for each piece of today or next that is not there, and for rows that no piece was there for.

    Neither loses anything, for the default piece takes what has no other; maintenance puts both right.
    """
    told: list[str] = []
    with connection.cursor() as cursor:
        for parted in TABLES:
            there = made_pieces(cursor, parted)
            told += [
                f"{parted.table} has no piece {span.piece} yet."
                for span in parted.spans(now, now, more=1)
                if span not in there
            ]
            if oldest_stray(cursor, parted) is not None:
                told.append(f"{parted.default} holds rows that belong into pieces of their own.")
    return tuple(told)
