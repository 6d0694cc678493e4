"""The worker's parent: it starts its child again whatever ends it, and brings back the database."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import psycopg
import pytest
from tests.house import PATIENCE, until

from schoolgate.commands.child_processes import COMMAND
from schoolgate.lib import embedded_postgres


class Installation:
    """A worker with its parent, on a data folder whose database has been migrated."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = embedded_postgres.ensure_running(folder, environ={}).url
        log = (folder / "worker.log").open("ab")
        self.worker = subprocess.Popen(
            [*COMMAND, "worker"], env=environment_of(folder), stderr=log, start_new_session=True
        )
        log.close()

    def child(self) -> psutil.Process:
        return psutil.Process(self.worker.pid).children()[0]

    def has_another_child_than(self, pid: int) -> bool:
        return any(child.pid != pid for child in psutil.Process(self.worker.pid).children())

    def beats_since(self, moment: datetime) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                query = "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > %s"
                return connection.execute(query, [moment]).fetchone() is not None
        except psycopg.OperationalError:
            return False

    def until(self, condition: Callable[[], object], *, what: str) -> None:
        try:
            until(condition, seconds=PATIENCE, what=what)
        except AssertionError as in_vain:
            said = (self.folder / "worker.log").read_text(encoding="utf-8")
            raise AssertionError(f"{in_vain}\n{said[-2000:]}") from None

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()


def environment_of(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, "SCHOOLGATE_DATA_DIR": str(folder), "SCHOOLGATE_DEMO": "1"}


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("worker")
    subprocess.run([*COMMAND, "migrate", "--quiet"], env=environment_of(folder), check=True)
    yield folder
    embedded_postgres.stop(folder)


@pytest.fixture
def installation(migrated: Path) -> Iterator[Installation]:
    began = datetime.now(UTC)
    made = Installation(migrated)
    try:
        made.until(lambda: made.beats_since(began), what="the worker beats")
        yield made
    finally:
        made.end()


def test_starts_a_killed_worker_again(installation):
    first = installation.child()
    first.kill()
    installation.until(lambda: installation.has_another_child_than(first.pid), what="another child lives")
    started = datetime.now(UTC)
    installation.until(lambda: installation.beats_since(started), what="it beats")


def test_brings_back_the_database_and_works_on(installation):
    note = installation.folder / "postgres" / "cluster" / "postmaster.pid"
    os.kill(int(note.read_text().splitlines()[0]), signal.SIGKILL)
    killed = datetime.now(UTC)
    installation.until(lambda: installation.beats_since(killed + timedelta(seconds=2)), what="it beats again")


def test_ends_its_child_when_told_to_stop(installation):
    child = installation.child()
    installation.worker.terminate()
    assert installation.worker.wait(15) == 0
    assert not child.is_running()


def test_takes_its_child_with_it_when_killed(installation):
    child = installation.child()
    installation.worker.kill()
    installation.until(
        lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, what="the child has ended"
    )
