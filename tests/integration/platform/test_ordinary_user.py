"""PostgreSQL never runs as root: whoever starts us, with and without user namespaces, it finds a user to be."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schoolgate.lib import embedded_postgres, ordinary_user, postgres_programs
from schoolgate.lib.postgres_programs import PostgresUnavailable

pytestmark = pytest.mark.xdist_group("embedded_postgres")

WITHOUT_NAMESPACES = Path(__file__).with_name("without_namespaces.py")
START = (
    "import sys; from pathlib import Path; from schoolgate.lib import embedded_postgres as e;"
    "e.ensure_running(Path(sys.argv[1]), environ={})"
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    embedded_postgres.stop(tmp_path)


def start_without_namespaces(folder: Path) -> None:
    command = [sys.executable, WITHOUT_NAMESPACES, sys.executable, "-c", START, folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def server_of(folder: Path) -> int:
    """The user the server runs as."""
    note = folder / "postgres" / "cluster" / "postmaster.pid"
    return Path(f"/proc/{note.read_text().split()[0]}").stat().st_uid


def owners(folder: Path) -> set[int]:
    made = folder / "postgres"
    return {path.lstat().st_uid for path in (made, *made.rglob("*"))}


def test_starts_where_user_namespaces_are_refused(folder):
    start_without_namespaces(folder)
    server = server_of(folder)
    assert server != 0
    assert owners(folder) == {server}
    assert embedded_postgres.is_running(folder)


def test_becomes_the_owner_of_the_data_folder_where_user_namespaces_are_refused(folder):
    owner = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
    if owner != os.geteuid():
        os.chown(folder, owner, -1)
    for _ in range(2):  # made, and started again
        start_without_namespaces(folder)
        assert server_of(folder) == owner
        assert owners(folder) == {owner}
        embedded_postgres.stop(folder)


def test_says_what_to_do_where_root_may_not_become_anybody_else(monkeypatch):
    def refused(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "setgroups", refused)
    with pytest.raises(SystemExit, match=r"Start Schoolgate as an ordinary user .* or set DATABASE_URL"):
        ordinary_user.main(["drop", "65534", "/bin/true"])


def test_says_what_to_do_where_the_folder_can_not_be_given_away(monkeypatch, tmp_path):
    def refused(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refused)
    with pytest.raises(
        PostgresUnavailable, match=r"can't be given to another user here .* set\s+DATABASE_URL"
    ):
        postgres_programs.give(tmp_path, os.getuid() + 1)
