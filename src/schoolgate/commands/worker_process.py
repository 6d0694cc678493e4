"""`schoolgate worker-process`: the job engine's worker, as `schoolgate worker` starts and restarts it."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from django.conf import settings
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from schoolgate.commands.worker import end_with_parent

POOL_SECONDS = 3.0
"""How long the engine waits for a connection before it gives up and is started again; its own default, half a
minute, would leave the runs of a killed database lying that long."""


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
    connector = PsycopgConnector(kwargs=connector_params(), timeout=POOL_SECONDS, min_size=1, max_size=4)
    with app.replace_connector(connector) as engine:
        engine.run_worker(concurrency=concurrency, name=f"worker-{os.getpid()}")
