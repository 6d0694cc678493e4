"""A whole Schoolgate in real processes: database, sandbox, workers and web server, all of them killable.

Tests of promises and of faults build one, collect through the command line, hold a stage still by
locking the table it must write next, kill whom they like, and look at the register afterwards.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import psycopg

from schoolgate.lib import embedded_postgres

CHECKOUT = Path(__file__).resolve().parent.parent
PATIENCE = 180.0
"""How many seconds a condition may take that must come about: so long only because machines are busy. What has a
limit of its own is measured and asserted beside it."""
TOLD_LINES = 6
"""So many of a log's last lines are told when a condition was waited for in vain."""


class House:
    """One installation in ``folder``; ``close`` ends every process it started, by id."""

    def __init__(
        self, folder: Path, *, schools: int = 3, pupils: int | None = 40, today: str = "2026-11-23"
    ) -> None:
        """Start the database and the sandbox, and fill the installation with the sandbox's schools."""
        self.folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, list[str]] = {}
        self.web_port = 0
        self.ahead = _until(today)
        folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **os.environ,
            "SCHOOLGATE_DEMO": "1",
            "SCHOOLGATE_DEMO_CLOCK_AHEAD": str(self.ahead.total_seconds()),
            "SCHOOLGATE_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "schoolgate.config.settings",
        }
        self.environment.pop("DATABASE_URL", None)
        try:
            self.start_database()
            self.schoolgate("migrate")
            size = () if pupils is None else ("--pupils", str(pupils))
            self._start_sandbox(
                "--schools", str(schools), "--today", today, "--calls-per-second", "500", *size
            )
            self.schoolgate("demo-data", "--sandbox", self.sandbox_url)
        except BaseException:
            self.close()
            raise

    def now(self) -> datetime:
        """What the house's clock shows: it lives on the sandbox's day."""
        return datetime.now(UTC) + self.ahead

    def start_database(self) -> None:
        """Start the embedded PostgreSQL, again after a kill."""
        self.database_url = embedded_postgres.ensure_running(self.folder, environ={}).url
        self.environment["DATABASE_URL"] = self.database_url

    def _start_sandbox(self, *options: str) -> None:
        ready = self.folder / "sandbox.json"
        ready.unlink(missing_ok=True)
        command = [sys.executable, "-m", "schoolgate_sandbox", "--port", "0", "--seed", "8201", *options]
        self._start("sandbox", [*command, "--ready-file", str(ready)])
        until(ready.exists, seconds=PATIENCE, what="the sandbox listens")
        self.sandbox_url = f"http://127.0.0.1:{json.loads(ready.read_text())['port']}"

    def _start(self, name: str, command: list[str]) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            command, env=self.environment, cwd=CHECKOUT, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self._commands[name] = command

    def start_worker(self, name: str = "worker", *options: str) -> None:
        """Start a worker with its supervising parent, as an installation would."""
        self._start(name, [sys.executable, "-m", "schoolgate.commands.main", "worker", *options])

    def start_web(self, port: int) -> None:
        """Start the web server."""
        self._start("web", [sys.executable, "-m", "schoolgate.commands.main", "serve", "--port", str(port)])

    def kill(self, name: str) -> None:
        """End a process and everything it started with ``kill -9``: parent, children, all at once."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def kill_database(self) -> None:
        """``kill -9`` for the PostgreSQL server; ``start_database`` brings it back."""
        pid = int((self.folder / "postgres" / "cluster" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)

    def schoolgate(self, *arguments: str, check: bool = True) -> str:
        """Run one command of the command line and give what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "schoolgate.commands.main", *arguments],
            env=self.environment,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if check and done.returncode not in (0, 3):
            raise AssertionError(f"schoolgate {' '.join(arguments)}: {done.stdout}\n{done.stderr}")
        return done.stdout

    def collect(self, data: str, *bases: str, wait: bool = True) -> Any:
        """Collect the named bases, or all, and give the command's JSON."""
        chosen = [part for base in bases for part in ("--base", base)] or ["--all"]
        waiting = () if wait else ("--no-wait",)
        return json.loads(self.schoolgate("collect", *chosen, "--data", data, "--json", *waiting))

    def control(self, path: str, body: object | None = None, *, method: str | None = None) -> Any:
        """Ask or tell the sandbox's control endpoint something."""
        data = None if body is None else json.dumps(body).encode()
        verb = method or ("GET" if body is None else "POST")
        request = Request(
            f"{self.sandbox_url}/control{path}",
            data=data,
            method=verb,
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=120) as answer:
            return json.loads(answer.read() or b"null")

    @contextlib.contextmanager
    def database(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        """A connection that commits each statement by itself, rows as dictionaries."""
        with psycopg.connect(
            self.database_url, autocommit=True, row_factory=psycopg.rows.dict_row
        ) as connection:
            yield connection

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """The rows of one query."""
        with self.database() as connection:
            return connection.execute(query, values).fetchall()

    @contextlib.contextmanager
    def holding(self, table: str) -> Iterator[None]:
        """Lock a table so that whoever writes it next stands still there, until the block ends."""
        with psycopg.connect(self.database_url) as connection:
            connection.execute(f'LOCK TABLE "{table}" IN SHARE ROW EXCLUSIVE MODE')
            with contextlib.suppress(psycopg.OperationalError):
                yield
            with contextlib.suppress(psycopg.OperationalError):
                connection.rollback()

    def until_somebody_waits_for(self, table: str) -> None:
        """Return once a process stands still in front of the locked table."""
        query = (
            "SELECT 1 FROM pg_locks JOIN pg_class ON pg_class.oid = relation "
            "WHERE relname = %s AND NOT granted LIMIT 1"
        )
        self.until(lambda: bool(self.rows(query, table)), what=f"a writer waits for {table}")

    def until_finished(self) -> None:
        """Return once no run is under way or waiting."""
        query = "SELECT 1 FROM run WHERE stage NOT IN ('done', 'failed', 'cancelled') LIMIT 1"
        self.until(lambda: not self.rows(query), what="every run has finished")

    def until(self, condition: Any, *, what: str) -> None:
        """Wait for a condition that must come about; where it doesn't, fail and tell how the house is."""
        try:
            until(condition, seconds=PATIENCE, what=what)
        except AssertionError as in_vain:
            raise AssertionError(f"{in_vain}\n{self.told()}") from None

    def told(self) -> str:
        """How the house is: its processes with their last words, its runs and jobs, and who waits for whom."""
        found = [f"{name}: {_life(each)}\n{self._last_words(name)}" for name, each in self.processes.items()]
        with contextlib.suppress(psycopg.OperationalError), self.database() as connection:
            for query in _TOLD:
                found += [str(row) for row in connection.execute(query)]
        return "\n".join(found)

    def _last_words(self, name: str) -> str:
        log = (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(f"    {line}" for line in log.splitlines()[-TOLD_LINES:])

    @contextlib.contextmanager
    def left_as_found(self) -> Iterator[None]:
        """Undo what the block started and ended, so that a test that fails half-way fails alone."""
        living = {name for name, process in self.processes.items() if process.poll() is None}
        try:
            yield
        finally:
            for name in self.processes.keys() - living:
                self.kill(name)
            if not embedded_postgres.is_running(self.folder):
                self.start_database()
            for name in living:
                if name not in self.processes or self.processes[name].poll() is not None:
                    self._start(name, self._commands[name])

    def close(self) -> None:
        """End what was started, the database last."""
        for name in list(self.processes):
            self.kill(name)
        embedded_postgres.stop(self.folder)


def _until(today: str) -> timedelta:
    """How far this day's half past eight is from now."""
    return datetime.combine(date.fromisoformat(today), time_of_day(8, 30), tzinfo=UTC) - datetime.now(UTC)


_TOLD = (
    "SELECT stage, worker, attempt, waits_for, count(*) AS runs FROM run GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
    """SELECT task_name, status, worker_id, count(*) AS jobs FROM procrastinate_jobs
    WHERE status <> 'succeeded' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "SELECT id AS worker_id, (now() - last_heartbeat)::text AS silent_for FROM procrastinate_workers ORDER BY 1",
    "SELECT name AS worker, seen_at::text, concurrency FROM worker_process ORDER BY 1",
    """SELECT pid, pg_blocking_pids(pid) AS behind, (now() - query_start)::text AS waited, left(query, 60) AS query
    FROM pg_stat_activity WHERE wait_event_type = 'Lock' ORDER BY 1""",
)
"""What is told of the database where something was waited for in vain: ids and states, nobody's data."""


def _life(process: subprocess.Popen[bytes]) -> str:
    code = process.poll()
    return f"process {process.pid} lives" if code is None else f"process {process.pid} ended with {code}"


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Any, *, seconds: float, what: str) -> None:
    """Wait for a condition, and fail naming it when it does not come about."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(0.02)
