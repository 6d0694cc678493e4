"""`schoolgate database`: starts or stops the embedded PostgreSQL by hand, and tells its address."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from schoolgate.commands import exits
from schoolgate.config import environment
from schoolgate.lib import embedded_postgres


class Wish(StrEnum):
    """What to do with it."""

    START = "start"
    STOP = "stop"
    STATUS = "status"
    URL = "url"


def database(
    wish: Annotated[Wish, typer.Argument(help="`url` shows the address with its password.")],
) -> None:
    """Start or stop the embedded PostgreSQL, or ask after it."""
    if environment.read("DATABASE_URL"):
        typer.echo("DATABASE_URL names another server; the embedded one is not in use.", err=True)
        raise typer.Exit(exits.USAGE)
    data_dir = Path(environment.read("SCHOOLGATE_DATA_DIR")).expanduser().resolve()
    if wish is Wish.START:
        embedded_postgres.ensure_running(data_dir)
    elif wish is Wish.STOP:
        embedded_postgres.stop(data_dir)
    elif wish is Wish.URL:
        typer.echo(embedded_postgres.ensure_running(data_dir).url)
        return
    is_up = embedded_postgres.is_running(data_dir)
    typer.echo("running" if is_up else "stopped")
    if wish is Wish.STATUS and not is_up:
        raise typer.Exit(exits.NO_DATABASE)
