"""Guards a run that is being landed: the transaction that lands holds PostgreSQL's advisory lock of the run.

The run's own row stays free meanwhile, so that an officer can cancel the run or delete its task (ADR 10).
"""

from __future__ import annotations

from django.db import connection

_LOCK = 0x5347_0002 << 32
"""This and the run's id."""


def hold_landing(run_id: int) -> None:
    """Waits until nobody lands the run, and holds it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK + run_id])
