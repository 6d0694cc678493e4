"""What every test stands on: a PostgreSQL of its own, demo keys, and no network but this machine.

A plugin of pytest, named in pyproject.toml: it is read before pytest-django loads the settings, which a
conftest.py is not. So start the tests with `python -m pytest` from the checkout. The data folder belongs to the test run: made by the first process, shared with the workers of pytest-xdist through
the environment, removed with its PostgreSQL at the end.
"""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schoolgate.lib import embedded_postgres

_RUN_FOLDER = "SCHOOLGATE_TEST_RUN"


class NetworkRefused(AssertionError):
    """A test tried to leave this machine."""


def _prepare() -> None:
    folder = os.environ.get(_RUN_FOLDER)
    if folder is None:
        # Short, so that the database's socket fits the kernel's limit for such paths.
        folder = tempfile.mkdtemp(prefix="sg-", dir="/tmp" if Path("/tmp").is_dir() else None)
        os.environ[_RUN_FOLDER] = folder
        os.environ["SCHOOLGATE_TEST_OWNER"] = str(os.getpid())
    for name in list(os.environ):
        if name.startswith("SCHOOLGATE_") and not name.startswith("SCHOOLGATE_TEST_"):
            del os.environ[name]
    os.environ.pop("SECRET_KEY", None)
    os.environ["SCHOOLGATE_DEMO"] = "1"
    os.environ["SCHOOLGATE_DATA_DIR"] = folder
    os.environ["DATABASE_URL"] = embedded_postgres.ensure_running(Path(folder)).url


_prepare()


def pytest_unconfigure() -> None:
    """The process that made the database ends it."""
    if os.environ.get("SCHOOLGATE_TEST_OWNER") == str(os.getpid()):
        folder = Path(os.environ[_RUN_FOLDER])
        embedded_postgres.stop(folder)
        shutil.rmtree(folder)


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Refuses every connection that would leave this machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _only_here(getattr(socket.socket, name)))
        yield


def _only_here(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_here(address[0]):
            raise NetworkRefused(f"a test may not connect to {address[0]}")
        return connect(self, address)

    return guarded


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
