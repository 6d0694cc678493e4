"""`schoolgate worker-process`: the job engine's worker, as `schoolgate worker` starts and restarts it."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from schoolgate.commands.worker import end_with_parent


def worker_process(
    *,
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="Runs carried out at once.")
    ] = settings.WORKER_CONCURRENCY,
    parent: Annotated[int, typer.Option(help="End when this process ends.")] = 0,
) -> None:
    """Carry out jobs until told to stop, or until the database goes away."""
    if parent:
        end_with_parent(parent)
    connector = app.connector
    assert isinstance(connector, DjangoConnector)  # noqa: S101 - Django's configuration makes no other
    with app.replace_connector(connector.get_worker_connector()) as engine:
        engine.run_worker(concurrency=concurrency, name=f"worker-{os.getpid()}")
