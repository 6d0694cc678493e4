"""The daily job of maintenance."""

from __future__ import annotations

from django.db import close_old_connections, connections
from procrastinate.contrib.django import app

from schoolgate.lib import clock
from schoolgate.maintenance.partitions import keep_partitions
from schoolgate.maintenance.retention import retain
from schoolgate.runs.engine import QUEUE

RETAIN = "maintenance.retain"


@app.task(name=RETAIN, queue=QUEUE)
def carry_out_retention() -> None:
    """Makes the pieces of tables ahead, and deletes what has outlived its age, even if the pieces fail.

    Running twice changes nothing more.
    """
    close_old_connections()
    now = clock.now()
    try:
        keep_partitions(now=now)
    finally:
        try:
            retain(now=now)
        finally:
            connections.close_all()
