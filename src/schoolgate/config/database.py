"""Turns a PostgreSQL address into Django's way of saying it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SESSION = {
    # A worker's machine that lost its power or its network holds what it was landing until the server
    # notices; by default that is two hours. So is a worker that froze in the middle of a transaction.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30s",
    "idle_in_transaction_session_timeout": "60s",
}
"""What every session is told, on our own server and on a given one."""
WEB_PATIENCE = {"lock_timeout": "4s"}
"""How long a page waits for somebody who is writing to the same rows, before it says so."""


class UnusableDatabaseUrl(ValueError):
    """DATABASE_URL does not name a PostgreSQL database."""


def database_from(url: str) -> dict[str, Any]:
    """Django's settings for `postgresql://user:password@host:port/name?option=value`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise UnusableDatabaseUrl(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name; "
            "Schoolgate works with PostgreSQL only."
        )
    options = dict(parse_qsl(parts.query))
    return _database(
        name=unquote(parts.path.lstrip("/")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=options.pop("host", "") or unquote(parts.hostname or ""),
        port=str(parts.port or ""),
        options=options,
    )


def database_not_started(data_dir: Path) -> dict[str, Any]:
    """The embedded database before its first start: a connection fails and names the missing socket."""
    return _database(name="schoolgate", user="schoolgate", host=str(data_dir / "postgres"))


def _database(
    *,
    name: str,
    user: str,
    password: str = "",
    host: str,
    port: str = "",
    options: dict[str, str] | None = None,
) -> dict[str, Any]:
    given = options or {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": host,
        "PORT": port,
        "OPTIONS": {
            "application_name": "schoolgate",
            **given,
            "options": f"{_told(SESSION)} {given.get('options', '')}".strip(),
        },
        # A connection is kept between requests and tried before use, so that a restarted server is noticed.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def be_impatient(database: dict[str, Any]) -> None:
    """For the web server, before its first connection: a page never waits long for another's lock."""
    options = database["OPTIONS"]
    options["options"] = f"{_told(WEB_PATIENCE)} {options['options']}"


def _told(settings: dict[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in settings.items())
