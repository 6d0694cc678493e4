"""`schoolgate worker`: keeps one worker process alive, whatever ends it.

The job engine's worker ends when PostgreSQL restarts, and may be killed; this parent starts it again, sooner
at first and then more patiently, and brings back the embedded PostgreSQL if that is what went. It needs
neither Django nor the database itself, so that nothing takes both of them down.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import psycopg
import typer

from schoolgate.commands import exits
from schoolgate.config import environment
from schoolgate.lib import embedded_postgres, memory
from schoolgate.lib.postgres_programs import PostgresUnavailable

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
LONGEST_WITHOUT_DATABASE = 2.0
"""A database that went is no fault of the worker's: it is looked for often, and work goes on at once."""
STEADY_SECONDS = 10.0
"""A worker that lived so long had begun to work, so it was no fault in its start that ended it."""
LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 12.0
"""How long a worker may finish what it is doing; what it can't finish is taken up again by another."""

_PR_SET_PDEATHSIG = 1
log = logging.getLogger(__name__)


@dataclass
class Pause:
    """How long to wait before the next start: doubling, and short again after a steady life."""

    seconds: float = FIRST_PAUSE
    longest: float = LONGEST_PAUSE

    def after(self, *, lived: float) -> float:
        """The pause after a worker that lived so many seconds."""
        if lived >= STEADY_SECONDS:
            self.seconds = FIRST_PAUSE
        pause, self.seconds = self.seconds, min(self.seconds * 2, self.longest)
        return pause


def worker(
    *,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Runs carried out at once.")] = 4,
) -> None:
    """Carry out runs until told to stop (Ctrl-C or SIGTERM), starting again whatever happens."""
    logging.basicConfig(level=logging.INFO, format="{asctime} {levelname} {name} {message}", style="{")
    told_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())
    _supervise(concurrency, told_to_stop)
    raise typer.Exit(exits.OK)


def _supervise(concurrency: int, told_to_stop: threading.Event) -> None:
    pause, without_database = Pause(), Pause(longest=LONGEST_WITHOUT_DATABASE)
    while not told_to_stop.is_set():
        if not _database_is_up():
            told_to_stop.wait(without_database.after(lived=0))
            continue
        started = time.monotonic()
        child = _start(concurrency)
        log.info("worker.process.started pid=%s", child.pid)
        _wait(child, told_to_stop)
        if told_to_stop.is_set():
            _end(child)
            return
        log.warning("worker.process.ended pid=%s code=%s", child.pid, child.returncode)
        if child.returncode == exits.NOT_CONFIGURED:
            raise typer.Exit(exits.NOT_CONFIGURED)
        told_to_stop.wait(pause.after(lived=time.monotonic() - started))


def _database_is_up() -> bool:
    """Brings the embedded PostgreSQL back where that is in use; another server's return is waited for."""
    data_dir = Path(environment.read("SCHOOLGATE_DATA_DIR")).expanduser().resolve()
    given = environment.read("DATABASE_URL")
    recorded = embedded_postgres.recorded_url(data_dir)
    try:
        if not given or urlsplit(given).netloc == urlsplit(recorded).netloc:
            embedded_postgres.ensure_running(data_dir, environ={})
        if given:
            psycopg.connect(given, connect_timeout=5).close()
    except (PostgresUnavailable, psycopg.OperationalError) as error:
        log.warning("worker.database.unreachable reason=%s", str(error).strip().rpartition("\n")[2].strip())
        return False
    return True


def _start(concurrency: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "schoolgate.commands.main", "worker-process"]
    return subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
        [*command, "--concurrency", str(concurrency), "--parent", str(os.getpid())],
        env={**memory.ENVIRONMENT, **os.environ},
        stdin=subprocess.DEVNULL,
    )


def _wait(child: subprocess.Popen[bytes], told_to_stop: threading.Event) -> None:
    """Returns when the child has ended or we are told to stop; looks after the database meanwhile."""
    looked_at = time.monotonic()
    while child.poll() is None and not told_to_stop.wait(0.1):
        if time.monotonic() - looked_at >= LOOK_SECONDS:
            _database_is_up()
            looked_at = time.monotonic()


def _end(child: subprocess.Popen[bytes]) -> None:
    """Politely, then for good: a job cut short is taken up again."""
    child.terminate()
    try:
        child.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def end_with_parent(parent: int) -> None:
    """In the child: asks Linux to end it when the parent dies, even by `kill -9`."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
