"""The daily job of maintenance."""

from __future__ import annotations

from django.db import close_old_connections, connections
from procrastinate.contrib.django import app

from schoolgate.lib import clock
from schoolgate.maintenance.retention import retain
from schoolgate.runs.engine import QUEUE

RETAIN = "maintenance.retain"


@app.task(name=RETAIN, queue=QUEUE)
def carry_out_retention() -> None:
    """Deletes what has outlived the ages of the System defaults. Running twice deletes nothing more."""
    close_old_connections()
    try:
        retain(now=clock.now())
    finally:
        connections.close_all()
