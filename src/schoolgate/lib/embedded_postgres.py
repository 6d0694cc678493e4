"""A PostgreSQL of our own inside the data folder: started when nothing answers, found again by asking it.

What decides is a *connection*, never a process id: a killed server may remain as a zombie, and its id may
belong to somebody else tomorrow. The password and the port stand in the data folder; the server listens on
this machine only.

    address = ensure_running(Path("var"))
    address.url  # postgresql://schoolgate:…@127.0.0.1:41873/schoolgate
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from schoolgate.lib.postgres_programs import (
    PostgresUnavailable,
    command_as_ordinary_user,
    major_of,
    programs_for,
)

NAME = "schoolgate"
START_SECONDS = 120.0
STOP_SECONDS = 60.0
LINGER_SECONDS = 60.0
ORPHANS_SECONDS = 5.0
"""How long processes whose server was killed may take to notice; then they are ended."""
START_ATTEMPTS = 4
FIRST_WITH_OWN_LOCALES = 17
_SOCKET_PATH_LIMIT = 90  # the kernel allows 107 bytes, the socket's own name takes some
_WORTH_ANOTHER_TRY = ("Address already in use", "lock file", "shared memory", "could not bind")
_SHUTTING_DOWN = "the database system is shutting down"
_TICK = 0.05
_ASK_AGAIN = 0.2  # each question is a process of the server's, and a line in its log until it is ready
_SYNC_AT_ONCE = "syncfs" if sys.platform == "linux" else "fsync"

_CONFIGURATION = """\
# Written by Schoolgate at every start.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{socket_folder}'
max_connections = 100
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
wal_compression = pglz
fsync = on
# After a kill every file is brought to the disk before recovery: in one call, not one by one (seconds each).
recovery_init_sync_method = {sync_method}
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = 'stderr'
logging_collector = off
# An error's sentence quotes values, and values are about children: only the server's own life is told.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
"""


@dataclass(frozen=True)
class DatabaseAddress:
    """Where the database is; `url` carries the password and must not be logged."""

    url: str
    is_embedded: bool

    def __repr__(self) -> str:
        return f"DatabaseAddress(is_embedded={self.is_embedded})"


def ensure_running(data_dir: Path, *, environ: Mapping[str, str] | None = None) -> DatabaseAddress:
    """The database to use: DATABASE_URL where it is set, else ours, made and started as needed.

    Safe to call from several processes at once. Raises PostgresUnavailable with a sentence for the operator.
    """
    given = (os.environ if environ is None else environ).get("DATABASE_URL", "")
    if given:
        return DatabaseAddress(url=given, is_embedded=False)
    folder = _folder(data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(folder):
        if not is_running(data_dir):
            _make_cluster(folder)
            _start(folder)
        _make_database(folder)
    return DatabaseAddress(url=_url(folder, NAME), is_embedded=True)


def is_running(data_dir: Path) -> bool:
    """Whether our PostgreSQL answers a connection now."""
    return _answer(_folder(data_dir)) == "yes"


def recorded_url(data_dir: Path) -> str:
    """The address of our database as last started; empty before the first start."""
    folder = _folder(data_dir)
    if (folder / "port").exists() and (folder / "password").exists():
        return _url(folder, NAME)
    return ""


def stop(data_dir: Path) -> None:
    """Stops our PostgreSQL and waits until its last process has gone; does nothing when it isn't running."""
    folder = _folder(data_dir)
    if not folder.exists():
        return
    with _locked(folder):
        _signal_and_wait(folder, signal.SIGINT)
        if _processes(folder / "cluster"):
            _signal_and_wait(folder, signal.SIGQUIT)
        if _processes(folder / "cluster"):
            raise PostgresUnavailable(
                f"PostgreSQL did not stop within {STOP_SECONDS:.0f} s: see {folder}/server.log"
            )


def _folder(data_dir: Path) -> Path:
    return data_dir.resolve() / "postgres"


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One launcher at a time; the kernel lets go when its holder dies."""
    with (folder / "lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _url(folder: Path, database: str) -> str:
    password = (folder / "password").read_text(encoding="ascii").strip()
    port = (folder / "port").read_text(encoding="ascii").strip()
    return f"postgresql://{NAME}:{password}@127.0.0.1:{port}/{database}"


def _answer(folder: Path) -> str:
    """`yes`, `soon` (a server is there: it is recovering, or all its connections are taken) or `no`."""
    if not ((folder / "port").exists() and (folder / "password").exists()):
        return "no"
    try:
        psycopg.connect(_url(folder, "postgres"), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        # The state is lost where the refusal comes before the session is up; its sentence is not.
        said = str(error)
        return "soon" if "FATAL:" in said and _SHUTTING_DOWN not in said else "no"
    return "yes"


def _make_cluster(folder: Path) -> None:
    """Runs initdb beside the final place and moves it there, so that a kill leaves no half cluster."""
    cluster = folder / "cluster"
    if (cluster / "PG_VERSION").exists():
        return
    draft = folder / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    _write_private(folder / "password", secrets.token_urlsafe(32))
    programs = programs_for(cluster)
    initdb = [str(programs / "initdb"), "-D", str(draft), "-U", NAME, "-E", "utf8"]
    locale = ["--locale=C.UTF-8"]
    if major_of(programs) >= FIRST_WITH_OWN_LOCALES:
        locale.append("--locale-provider=builtin")
    _run(folder, [*initdb, *locale, "--auth=scram-sha-256", f"--pwfile={folder / 'password'}"])
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write("include_if_exists = 'schoolgate.conf'\n")
    draft.rename(cluster)


def _start(folder: Path) -> None:
    """Starts the server and waits for its first answer; another try where a port was taken meanwhile."""
    cluster, log = folder / "cluster", folder / "server.log"
    said = ""
    for _ in range(START_ATTEMPTS):
        read_before = log.stat().st_size if log.exists() else 0
        if _answer(folder) == "no":
            _wait_for_survivors(cluster)
            port = _free_port(folder)
            _write_private(folder / "port", str(port))
            _configure(folder, port)
            pg_ctl = str(programs_for(cluster) / "pg_ctl")
            _run(folder, [pg_ctl, "start", "-W", "-s", "-D", str(cluster), "-l", str(log)])
        if _answers_in_time(folder):
            return
        said = log.read_bytes()[read_before:].decode("utf-8", errors="replace")
        if not any(reason in said for reason in _WORTH_ANOTHER_TRY):
            break
    raise PostgresUnavailable(
        "PostgreSQL did not start; its last words:\n" + "\n".join(said.splitlines()[-8:])
    )


def _answers_in_time(folder: Path) -> bool:
    """Waits for an answer as long as the server lives; recovery after a kill may take a while."""
    deadline = time.monotonic() + START_SECONDS
    grace = time.monotonic() + 2
    while time.monotonic() < deadline:
        if _answer(folder) == "yes":
            return True
        if time.monotonic() > grace and not _processes(folder / "cluster"):
            return False
        time.sleep(_ASK_AGAIN)
    return False


def _wait_for_survivors(cluster: Path) -> None:
    """After a kill of the server its children leave by themselves; only then is its note of no use.

    One that doesn't notice, in the middle of long work, keeps the next server from starting: it is ended,
    for nothing it does can be committed any more. The note (postmaster.pid) must go: PostgreSQL takes a
    zombie, or a stranger with the same id, for a server that still runs.
    """
    began = time.monotonic()
    while found := _processes(cluster):
        waited = time.monotonic() - began
        if waited > LINGER_SECONDS:
            raise PostgresUnavailable(f"processes of an earlier PostgreSQL still use {cluster}")
        if _answer(cluster.parent) != "no":
            return
        if waited > ORPHANS_SECONDS and not set(_noted_process(cluster)).intersection(found):
            _kill(found)
        time.sleep(_TICK)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _processes(cluster: Path) -> list[int]:
    """The living processes of this cluster: PostgreSQL works inside its folder, and a zombie has none."""
    if not Path("/proc/self/cwd").exists():
        return _noted_process(cluster)
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):  # it has just ended, or it isn't ours to see
                if (entry / "cwd").readlink() == cluster:
                    found.append(int(entry.name))
    return found


def _noted_process(cluster: Path) -> list[int]:
    """Where there is no /proc: the server's own note, believed if such a process exists."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((cluster / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        os.kill(pid, 0)
        return [pid]
    return []


def _signal_and_wait(folder: Path, number: signal.Signals) -> None:
    cluster = folder / "cluster"
    noted = set(_noted_process(cluster))
    for pid in noted.intersection(_processes(cluster)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    deadline = time.monotonic() + STOP_SECONDS
    while _processes(cluster) and time.monotonic() < deadline:
        time.sleep(_TICK)


def _configure(folder: Path, port: int) -> None:
    socket_folder = str(folder) if len(str(folder)) <= _SOCKET_PATH_LIMIT and "'" not in str(folder) else ""
    text = _CONFIGURATION.format(port=port, socket_folder=socket_folder, sync_method=_SYNC_AT_ONCE)
    (folder / "cluster" / "schoolgate.conf").write_text(text, encoding="utf-8")


def _free_port(folder: Path) -> int:
    """The port of last time if it is still free, else one the kernel picks."""
    with contextlib.suppress(OSError, ValueError):
        kept = int((folder / "port").read_text(encoding="ascii"))
        return _bindable(kept)
    return _bindable(0)


def _bindable(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return int(probe.getsockname()[1])


def _make_database(folder: Path) -> None:
    with psycopg.connect(_url(folder, "postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {NAME}")


def _run(folder: Path, program: list[str]) -> None:
    """Runs one of PostgreSQL's programs; what it says is told where it fails."""
    with (folder / "launcher.log").open("ab") as said:
        done = subprocess.run(  # noqa: S603 - a program we found by its full path
            command_as_ordinary_user(folder, program),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=folder,
            check=False,
            start_new_session=True,
        )
    if done.returncode != 0:
        tail = (folder / "launcher.log").read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
        raise PostgresUnavailable(f"{Path(program[0]).name} failed:\n" + "\n".join(tail))


def _write_private(path: Path, text: str) -> None:
    """Replaces a file at one stroke, readable by its owner only."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="ascii")
    draft.replace(path)
