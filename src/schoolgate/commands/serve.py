"""`schoolgate serve`: the web server, gunicorn with the styles and scripts served by whitenoise."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from django.conf import settings

from schoolgate.commands import exits

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    processes: Annotated[int, typer.Option(min=1, help="Web server processes.")] = 2,
    threads: Annotated[int, typer.Option(min=1, help="Threads a process.")] = 4,
) -> None:
    """Start the web server."""
    if settings.IS_DEMO and host not in LOOPBACK:
        typer.echo(
            "A demo signs people in with a password alone, so only this machine may reach it.", err=True
        )
        raise typer.Exit(exits.USAGE)
    scratch = settings.DATA_DIR / "tmp"
    scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    gunicorn = [
        sys.executable, "-m", "gunicorn", "schoolgate.config.wsgi:application",
        "--bind", address,
        "--workers", str(processes),
        "--threads", str(threads),
        "--worker-tmp-dir", str(scratch),
        "--max-requests", "5000",
        "--max-requests-jitter", "500",
        "--graceful-timeout", "10",
        "--no-control-socket",
    ]  # fmt: skip
    typer.echo(f"Schoolgate listens on http://{address}/", err=True)
    os.execv(sys.executable, gunicorn)  # noqa: S606 - our own interpreter, no shell
