"""What the doctor looks at, one function a check; none of them raises, none changes anything."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import django
import psycopg
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

import schoolgate
from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.config import demo_keys, environment
from schoolgate.lib import clock, embedded_postgres, sealed
from schoolgate.lib.postgres_programs import PostgresUnavailable, programs_for
from schoolgate.maintenance.queries import partition_warnings
from schoolgate.runs.clocks import clock_differences

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRES = 150_000
ROOM_NEEDED = 2 * 1024**3
PLACES_OF_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check's outcome; `remedy` is what to do when it isn't well."""

    name: str
    is_well: bool
    says: str
    remedy: str = ""
    is_needed: bool = True


def all_findings() -> list[Finding]:
    """Every check, in the order in which things are needed."""
    data_dir = Path(environment.read("SCHOOLGATE_DATA_DIR")).expanduser().resolve()
    is_demo = environment.is_on("SCHOOLGATE_DEMO")
    keys = _keys(data_dir, is_demo=is_demo)
    server = _postgres(data_dir)
    findings = [_python(), _disk(data_dir), keys, _public_url(is_demo=is_demo), server]
    if keys.is_well and server.is_well and findings[3].is_well:
        schema = _migrations()
        findings += [schema, _pieces(), _clocks()] if schema.is_well else [schema]
    return [*findings, _assets(), _chromium(data_dir)]


def _python() -> Finding:
    return Finding(
        name="Python",
        is_well=sys.version_info >= OLDEST_PYTHON,
        says=platform.python_version(),
        remedy="Install Python 3.11 or newer and run `make setup` again.",
    )


def _disk(data_dir: Path) -> Finding:
    nearest = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    return Finding(
        name="Data folder",
        is_well=free >= ROOM_NEEDED and os.access(nearest, os.W_OK),
        says=f"{data_dir}, {free / 1024**3:.1f} GiB free",
        remedy="Make room (2 GiB at least) in a folder we may write to, or set SCHOOLGATE_DATA_DIR.",
    )


def _keys(data_dir: Path, *, is_demo: bool) -> Finding:
    try:
        demo_keys.key_for("SECRET_KEY", data_dir=data_dir, is_demo=is_demo)
        listed = demo_keys.key_for("SCHOOLGATE_ENCRYPTION_KEYS", data_dir=data_dir, is_demo=is_demo)
        sealer = sealed.sealer_from(listed)
    except (environment.MissingSetting, sealed.BadKeys) as error:
        return Finding(
            name="Keys",
            is_well=False,
            says=str(error),
            remedy="Set SECRET_KEY and SCHOOLGATE_ENCRYPTION_KEYS, or SCHOOLGATE_DEMO=1 for a demo.",
        )
    return Finding(name="Keys", is_well=True, says=f"present; {sealer.keys[0].id!r} seals")


def _public_url(*, is_demo: bool) -> Finding:
    address = environment.read("SCHOOLGATE_PUBLIC_URL")
    return Finding(
        name="Address",
        is_well=is_demo or address.startswith("https://"),
        says="a demo, for this machine only" if is_demo else address or "not set",
        remedy="Set SCHOOLGATE_PUBLIC_URL to the https:// address officers type.",
    )


def _postgres(data_dir: Path) -> Finding:
    given = environment.read("DATABASE_URL")
    url = given or embedded_postgres.recorded_url(data_dir)
    remedy = "Start that server, or correct DATABASE_URL." if given else "Run `schoolgate database start`."
    try:
        if not given:
            programs_for(data_dir / "postgres" / "cluster")
        with psycopg.connect(url, connect_timeout=5) as server:
            number = server.info.server_version
    except PostgresUnavailable as error:
        return Finding(name="PostgreSQL", is_well=False, says=str(error), remedy="Run `make setup`.")
    except psycopg.OperationalError as error:
        said = str(error).partition("\n")[0] if url else "the embedded one has not been started yet"
        return Finding(name="PostgreSQL", is_well=False, says=said, remedy=remedy)
    return Finding(
        name="PostgreSQL",
        is_well=number >= OLDEST_POSTGRES,
        says=f"{number // 10_000}.{number % 10_000}, {'given by DATABASE_URL' if given else 'embedded'}",
        remedy="Schoolgate needs PostgreSQL 15 or newer.",
    )


def _migrations() -> Finding:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "schoolgate.config.settings")
    django.setup()
    try:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        said = str(error).partition("\n")[0]
        return Finding(name="Database schema", is_well=False, says=said, remedy="Run `schoolgate migrate`.")
    return Finding(
        name="Database schema",
        is_well=waiting == 0,
        says=f"{waiting} steps are waiting" if waiting else "as this release wants it",
        remedy="Run `schoolgate migrate`.",
    )


def _pieces() -> Finding:
    """Only asked when the schema is this release's, for Django is set up by then and the tables are there."""
    told = partition_warnings(now=clock.now())
    return Finding(
        name="Tables in pieces",
        is_well=not told,
        says=" ".join(told) or "the next ones are there, the default ones are empty",
        remedy="Keep a worker running: maintenance makes what is missing once a day. Nothing is lost.",
        is_needed=False,
    )


def _clocks() -> Finding:
    found = clock_differences(EVERYTHING)
    says = "within two minutes of the sources' clocks"
    if found:
        says = (
            f"{found[0].base}: the source is {found[0].words}; {len(found)} bases differ by over two minutes"
        )
    return Finding(
        name="Clock",
        is_well=not found,
        says=says,
        remedy="Set this machine's clock by the network (NTP). If it is right, tell the supplier of the MIS.",
        is_needed=False,
    )


def _assets() -> Finding:
    built = Path(schoolgate.__file__).parent / "pages" / "static" / "schoolgate" / "app.css"
    return Finding(
        name="Styles and script",
        is_well=built.exists(),
        says="built" if built.exists() else "not built: pages would be bare",
        remedy="Run `make setup`.",
    )


def _chromium(data_dir: Path) -> Finding:
    borrowed = data_dir / "chromium" / "run"
    found = next((path for name in PLACES_OF_CHROMIUM if (path := shutil.which(name))), None)
    found = found or (str(borrowed) if borrowed.exists() else None)
    return Finding(
        name="Chromium",
        is_well=found is not None,
        says=found or "none: only the browser tests need it",
        remedy="Run `make chromium`.",
        is_needed=False,
    )
