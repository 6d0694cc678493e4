"""Keeps which worker processes live: each says so every second, and good-bye when it is told to stop."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connections

from schoolgate.scheduling.models import WorkerProcess

FORGOTTEN = timedelta(hours=1)
"""A worker that ended without a good-bye is shown as silent for so long, and then forgotten."""


def beat(name: str, *, concurrency: int, now: datetime) -> None:
    """Says that the worker process of that name (``host:pid``) lives."""
    is_known = WorkerProcess.objects.filter(name=name).update(seen_at=now, concurrency=concurrency)
    if not is_known:
        WorkerProcess.objects.update_or_create(
            name=name, defaults={"started_at": now, "seen_at": now, "concurrency": concurrency}
        )
        WorkerProcess.objects.filter(seen_at__lt=now - FORGOTTEN).delete()


def say_goodbye(name: str) -> None:
    """The worker process ends of its own accord; nobody need look for it."""
    try:
        WorkerProcess.objects.filter(name=name).delete()
    finally:
        connections.close_all()
