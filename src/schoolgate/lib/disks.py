"""Tells a full disk from every other failure, be it this machine's or the database's."""

from __future__ import annotations

import errno

import psycopg
from psycopg.errors import DiskFull

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_IN_WORDS = "No space left on device"
"""How a server whose disk is full refuses a new connection; the state is lost on the way."""


def is_full(error: BaseException) -> bool:
    """Whether there was no room left for what was to be written; looks at what the error came from, too."""
    met: BaseException | None = error
    while met is not None:
        if isinstance(met, DiskFull) or (isinstance(met, OSError) and met.errno in _NO_ROOM):
            return True
        if isinstance(met, psycopg.OperationalError) and _IN_WORDS in str(met):
            return True
        met = met.__cause__
    return False
