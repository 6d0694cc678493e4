"""The embedded PostgreSQL: it starts, stops, and comes back after anything."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from schoolgate.lib import embedded_postgres

pytestmark = pytest.mark.xdist_group("embedded_postgres")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded_postgres.stop(tmp_path)


def start(folder: Path) -> str:
    return embedded_postgres.ensure_running(folder, environ={}).url


def server_process(folder: Path) -> int:
    note = folder / "postgres" / "cluster" / "postmaster.pid"
    return int(note.read_text().splitlines()[0])


def remember(url: str, word: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [word])


def remembered(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT word FROM kept ORDER BY word")]


def test_starts_stops_and_keeps_what_was_written(folder):
    url = start(folder)
    remember(url, "first")
    embedded_postgres.stop(folder)
    assert not embedded_postgres.is_running(folder)
    assert start(folder) == url
    assert remembered(url) == ["first"]


def test_prefers_the_address_it_is_given(folder):
    address = embedded_postgres.ensure_running(folder, environ={"DATABASE_URL": "postgresql://db.example/x"})
    assert address.url == "postgresql://db.example/x"
    assert not address.is_embedded
    assert not (folder / "postgres").exists()


def test_finds_the_running_server_again(folder):
    url = start(folder)
    pid = server_process(folder)
    assert start(folder) == url
    assert server_process(folder) == pid


def test_comes_back_after_kill_9_of_the_server_with_every_committed_row(folder):
    url = start(folder)
    for number in range(3):
        remember(url, f"row {number}")
        with psycopg.connect(url) as half_way:
            half_way.execute("INSERT INTO kept VALUES ('never committed')")
            os.kill(server_process(folder), signal.SIGKILL)
            url = start(folder)
            with pytest.raises(psycopg.OperationalError):
                half_way.execute("SELECT 1")
            half_way.close()
    assert remembered(url) == ["row 0", "row 1", "row 2"]


def test_comes_back_when_the_killed_server_is_still_a_zombie(folder):
    url = start(folder)
    remember(url, "kept")
    os.kill(server_process(folder), signal.SIGKILL)
    deadline = time.monotonic() + 30
    while embedded_postgres.is_running(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    zombie = subprocess.Popen([sys.executable, "-c", "pass"])
    while Path(f"/proc/{zombie.pid}/stat").read_text().split()[2] != "Z":
        time.sleep(0.05)
    note = folder / "postgres" / "cluster" / "postmaster.pid"
    lines = note.read_text().splitlines()
    note.write_text("\n".join([str(zombie.pid), *lines[1:]]) + "\n")
    assert remembered(start(folder)) == ["kept"]
    zombie.wait()


def test_ends_a_process_of_the_killed_server_that_does_not_notice(folder):
    url = start(folder)
    remember(url, "kept")
    with psycopg.connect(url) as connection:
        orphan = connection.info.backend_pid
        os.kill(orphan, signal.SIGSTOP)
        os.kill(server_process(folder), signal.SIGKILL)
        began = time.monotonic()
        assert remembered(start(folder)) == ["kept"]
        assert time.monotonic() - began < embedded_postgres.LINGER_SECONDS
        assert orphan not in embedded_postgres._processes(folder / "postgres" / "cluster")


def test_starts_again_a_server_that_is_just_shutting_down(folder):
    url = start(folder)
    remember(url, "kept")
    last_guest = psycopg.connect(url)
    os.kill(server_process(folder), signal.SIGTERM)
    launcher = threading.Thread(target=start, args=(folder,))
    launcher.start()
    launcher.join(1)
    assert launcher.is_alive()
    last_guest.close()
    launcher.join(60)
    assert remembered(start(folder)) == ["kept"]


def test_waits_for_a_server_whose_connections_are_all_taken(folder):
    url = start(folder)
    with contextlib.ExitStack() as taken:
        with contextlib.suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(psycopg.connect(url))
        launcher = threading.Thread(target=start, args=(folder,))
        launcher.start()
        launcher.join(2)
        assert launcher.is_alive()
    launcher.join(30)
    assert not launcher.is_alive()
    assert embedded_postgres.is_running(folder)


def test_runs_beside_the_one_of_another_checkout(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    try:
        here, there = start(folder), start(other)
        remember(here, "here")
        remember(there, "there")
        assert (remembered(here), remembered(there)) == (["here"], ["there"])
    finally:
        embedded_postgres.stop(other)
    assert embedded_postgres.is_running(folder)


def test_takes_another_port_when_its_own_was_taken(folder):
    start(folder)
    embedded_postgres.stop(folder)
    port_file = folder / "postgres" / "port"
    with embedded_postgres.socket.socket() as thief:
        # What PostgreSQL's last connections left behind on the port is no hindrance to a listener.
        thief.setsockopt(embedded_postgres.socket.SOL_SOCKET, embedded_postgres.socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", int(port_file.read_text())))
        thief.listen()
        taken = port_file.read_text()
        start(folder)
        assert port_file.read_text() != taken


def test_keeps_its_password_to_its_owner(folder):
    start(folder)
    assert (folder / "postgres" / "password").stat().st_mode & 0o077 == 0


def test_makes_the_cluster_anew_when_initdb_was_killed(folder):
    draft = folder / "postgres" / "cluster.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("half")
    remember(start(folder), "whole")


def test_says_what_postgres_said_when_it_will_not_start(folder):
    start(folder)
    embedded_postgres.stop(folder)
    broken = folder / "postgres" / "cluster" / "postgresql.auto.conf"
    kept = broken.read_text()
    broken.write_text("no_such_setting = 1\n")
    with pytest.raises(embedded_postgres.PostgresUnavailable, match="no_such_setting"):
        start(folder)
    broken.write_text(kept)


def test_several_launchers_at_once_start_one_server(folder):
    program = (
        "import sys; from pathlib import Path; from schoolgate.lib import embedded_postgres as e;"
        "print(e.ensure_running(Path(sys.argv[1]), environ={}).url)"
    )
    launchers = [
        subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = {launcher.communicate()[0] for launcher in launchers}
    assert len(told) == 1


def test_works_as_whoever_runs_it_without_changing_whose_files_they_are(folder):
    start(folder)
    assert (folder / "postgres" / "cluster").stat().st_uid == folder.stat().st_uid
