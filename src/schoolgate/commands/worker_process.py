"""`schoolgate worker-process`: the job engine's worker, as `schoolgate worker` starts and restarts it.

Two workers of the engine share the process: one carries out runs, the other the scheduler service's turns,
which so never wait behind long runs. A third thread says every second that the process lives.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import typer
from django.conf import settings
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from schoolgate.commands import exits
from schoolgate.commands.worker import end_with_parent
from schoolgate.lib import clock
from schoolgate.runs.carrying_out import worker_name
from schoolgate.runs.engine import CLOCK_QUEUE, QUEUE
from schoolgate.scheduling.beats import beat, say_goodbye

POOL_SECONDS = 3.0
"""How long the engine waits for a connection before it gives up and is started again; its own default, half a
minute, would leave the runs of a killed database lying that long."""
BEAT_SECONDS = 1.0
SWITCH_SECONDS = 0.001
"""So long a thread may keep the interpreter while another wants it. With the usual five milliseconds a run
whose turn at the source has come wakes so late, beside three that land, that it must let the turn go."""
LAST_SECONDS = 10.0
"""How long a worker that was told to stop may take to end what it is doing."""
LAST_SECONDS_UNTOLD = 3.0
"""The same for one whose database went, or whose engine failed: nothing it does can be kept any more."""


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
    sys.setswitchinterval(SWITCH_SECONDS)
    connector = PsycopgConnector(kwargs=connector_params(), timeout=POOL_SECONDS, min_size=1, max_size=6)
    with app.replace_connector(connector) as engine:
        asyncio.run(_work(engine, concurrency))


async def _work(engine: App, concurrency: int) -> None:
    """Runs all three until one of them ends or a signal comes; what went wrong is raised again."""
    loop = asyncio.get_running_loop()
    # The default pool has as many threads as the machine has processors and four more, whatever is asked.
    loop.set_default_executor(ThreadPoolExecutor(concurrency + 2, thread_name_prefix="job"))
    async with engine.open_async():
        name = f"worker-{os.getpid()}"
        parts: list[Coroutine[Any, Any, None]] = [
            engine.run_worker_async(
                queues=[QUEUE], concurrency=concurrency, name=name, install_signal_handlers=False
            ),
            engine.run_worker_async(
                queues=[CLOCK_QUEUE], concurrency=1, name=f"{name}-clock", install_signal_handlers=False
            ),
            _say_alive(concurrency),
        ]
        tasks = [asyncio.create_task(part) for part in parts]
        told_to_stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _stop, tasks, told_to_stop)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        _end_in_any_case(within=LAST_SECONDS if told_to_stop.is_set() else LAST_SECONDS_UNTOLD)
        _cancel(tasks)
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome


def _end_in_any_case(*, within: float) -> None:
    """Give what is left a bounded time to end: a process that hangs on a lost database helps nobody.

    Its parent starts another one, and what it was doing is taken up from its last commit.
    """
    last = threading.Timer(within, os._exit, [exits.FAILED])
    last.daemon = True
    last.start()


def _stop(tasks: list[asyncio.Task[None]], told_to_stop: asyncio.Event) -> None:
    told_to_stop.set()
    _cancel(tasks)


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


async def _say_alive(concurrency: int) -> None:
    """Says that this process lives, from a thread of its own."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="beat") as own_thread:
        try:
            while True:
                await loop.run_in_executor(own_thread, _beat, concurrency)
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            own_thread.submit(say_goodbye, worker_name())


def _beat(concurrency: int) -> None:
    beat(worker_name(), concurrency=concurrency, now=clock.now())
