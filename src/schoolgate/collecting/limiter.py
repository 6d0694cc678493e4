"""Whose turn it is to call a source: one row in PostgreSQL for all workers on all machines.

A turn is taken by one UPDATE that commits at once, by the database's clock. Who wakes too late for
the turn takes another one, since a call sent late comes too near the next. A caller told to wait holds
everybody back, those included who hold a turn already and have not gone yet.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from django.db import connection

from schoolgate.collecting.turns import interval_for, is_too_late

LOOK_SECONDS = 0.02
"""So long before its turn a caller looks whether somebody was told to wait meanwhile."""

_TAKE = """
-- Take the next turn at a source. A crash may lose it, so the commit need not wait for the disk.
WITH quick AS (SELECT set_config('synchronous_commit', 'off', true) AS is_off)
UPDATE source_turn
SET next_at = greatest(next_at, paused_until, clock_timestamp()) + make_interval(secs => %(interval)s),
    calls = calls + 1
FROM quick
WHERE key = %(key)s AND quick.is_off = 'off'
RETURNING extract(epoch FROM next_at)::float8 - %(interval)s::float8,
    extract(epoch FROM clock_timestamp())::float8
"""
_LOOK = """
-- Whether somebody was told to wait since the turn was taken.
SELECT extract(epoch FROM paused_until)::float8, extract(epoch FROM clock_timestamp())::float8
FROM source_turn WHERE key = %(key)s
"""
_ADD = """
-- The first caller of a source makes its row.
INSERT INTO source_turn (key, next_at, paused_until, calls)
VALUES (%(key)s, clock_timestamp(), clock_timestamp(), 0) ON CONFLICT (key) DO NOTHING
"""
_PUSH_BACK = """
-- Let nobody call for so long.
UPDATE source_turn
SET paused_until = greatest(paused_until, clock_timestamp() + make_interval(secs => %(seconds)s))
WHERE key = %(key)s
"""


class PostgresLimiter:
    """The limiter of one allowance at one address. Not to be used inside a transaction."""

    def __init__(
        self,
        key: str,
        *,
        calls_per_second: float,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``key`` comes from ``key_for``; ``sleep`` takes seconds."""
        self._values: dict[str, str | float] = {"key": key, "interval": interval_for(calls_per_second)}
        self._sleep = sleep
        self._monotonic = monotonic
        self._is_there = False

    def wait_turn(self) -> None:
        """Block until a call may be sent, and count it."""
        while True:
            turn_at, now = self._take()
            if now >= turn_at:
                return
            if turn_at - now > LOOK_SECONDS:
                self._sleep(turn_at - now - LOOK_SECONDS)
            paused_until, now = self._row(_LOOK)
            looked_at = self._monotonic()
            if turn_at > now:
                self._sleep(turn_at - now)
            gone = self._monotonic() - looked_at
            if paused_until <= turn_at and not is_too_late(turn_at=turn_at, now=now + gone):
                return

    def push_back(self, seconds: float) -> None:
        """Let nobody call for so long: the source said so."""
        with connection.cursor() as cursor:
            cursor.execute(_PUSH_BACK, {**self._values, "seconds": seconds})

    def _take(self) -> tuple[float, float]:
        if not self._is_there:
            with connection.cursor() as cursor:
                cursor.execute(_ADD, self._values)
            self._is_there = True
        return self._row(_TAKE)

    def _row(self, statement: str) -> tuple[float, float]:
        with connection.cursor() as cursor:
            cursor.execute(statement, self._values)
            found = cursor.fetchone()
        if found is None:
            raise LookupError("the source's row of turns is gone")
        return float(found[0]), float(found[1])


def key_for(*, address: str, shared_by: str) -> str:
    """The name of a source's row: everybody who shares this (a key) at this address shares the row."""
    named = f"{address.rstrip('/').lower()} {shared_by}"
    return hashlib.blake2b(named.encode(), digest_size=32).hexdigest()
