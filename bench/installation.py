"""An installation to measure in: its own PostgreSQL in a temporary folder, this release's tables, bases.

``open_installation`` comes before anything that needs Django's models; the benchmarks are therefore
imported by ``bench/__main__.py`` afterwards.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import psycopg
from django.core.management import call_command

from schoolgate.lib import embedded_postgres


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder with a PostgreSQL of its own, both gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="sgb-"))
    try:
        yield folder
    finally:
        embedded_postgres.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def open_installation() -> Iterator[None]:
    """An empty installation that this process works in."""
    with open_folder() as folder:
        for name in [each for each in os.environ if each.startswith("SCHOOLGATE_")]:
            del os.environ[name]
        address = embedded_postgres.ensure_running(folder, environ={})
        os.environ |= {
            "SCHOOLGATE_DEMO": "1",
            "SCHOOLGATE_DATA_DIR": str(folder),
            "SCHOOLGATE_LOG_LEVEL": "ERROR",
            "DATABASE_URL": address.url,
            "DJANGO_SETTINGS_MODULE": "schoolgate.config.settings",
        }
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        yield


def connect() -> psycopg.Connection[tuple[object, ...]]:
    """A bare connection to the installation's database, for floors and peers."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def clean_statistics() -> None:
    """Let the planner know the tables, and leave no clean-up for the middle of a measurement."""
    with connect() as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
