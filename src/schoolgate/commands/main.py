"""`schoolgate`: the command line.

What goes wrong in ways we know (a setting, the database) ends with one sentence on standard error and an
exit code of `schoolgate.commands.exits`; anything else is a bug and shows its trace, without the values of
variables, which may be about children.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import django
import psycopg
import typer
from django.db import InterfaceError, OperationalError

from schoolgate.commands import exits
from schoolgate.commands.registry import COMMANDS, Command, Needs, find
from schoolgate.config import environment
from schoolgate.config.database import UnusableDatabaseUrl
from schoolgate.lib import embedded_postgres
from schoolgate.lib.postgres_programs import PostgresUnavailable

SETTINGS_MODULE = "schoolgate.config.settings"


def app(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one command and ends the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    chosen = next((found for word in given[:1] if (found := find(word))), None)
    try:
        _stay_in_the_data_folder()
        if chosen is not None and {"-h", "--help"}.isdisjoint(given):
            _prepare(chosen)
        else:
            _explain_only()
        _command_line(chosen)(args=given, prog_name="schoolgate")
    except (environment.MissingSetting, UnusableDatabaseUrl) as error:
        _end(exits.NOT_CONFIGURED, str(error))
    except (PostgresUnavailable, OperationalError, InterfaceError, psycopg.OperationalError) as error:
        _end(exits.NO_DATABASE, f"{_first_line(error)}\nRun `schoolgate doctor` to see what to do.")
    raise SystemExit(exits.OK)


def _stay_in_the_data_folder() -> None:
    """Temporary files go to the data folder; a data folder that is a demo's makes this a demo."""
    data_dir = Path(environment.read("SCHOOLGATE_DATA_DIR")).expanduser().resolve()
    if (data_dir / "demo-keys").is_dir() and not environment.read("SECRET_KEY"):
        os.environ.setdefault("SCHOOLGATE_DEMO", "1")
    if "TMPDIR" not in os.environ and data_dir.is_dir():
        (data_dir / "tmp").mkdir(mode=0o700, exist_ok=True)
        os.environ["TMPDIR"] = str(data_dir / "tmp")


def _prepare(command: Command) -> None:
    if command.needs is Needs.NOTHING:
        return
    data_dir = Path(environment.read("SCHOOLGATE_DATA_DIR")).expanduser().resolve()
    if command.needs is Needs.DATABASE and not environment.read("DATABASE_URL"):
        embedded_postgres.ensure_running(data_dir)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    django.setup()


def _explain_only() -> None:
    """A command explains itself before anything is set up: whatever is missing is made up and never used."""
    os.environ.setdefault("SCHOOLGATE_DEMO", "1")
    os.environ.setdefault("SECRET_KEY", "only-to-explain")
    os.environ.setdefault("SCHOOLGATE_ENCRYPTION_KEYS", "only-to-explain")


def _command_line(chosen: Command | None) -> typer.Typer:
    """All commands by name; only the chosen one is really there."""
    line = typer.Typer(
        help="Schoolgate: collects pupil data from schools, lands what changed, and can prove it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    line.callback()(_about)
    for command in COMMANDS:
        is_open = command.passes_on and command is chosen
        line.command(
            command.name,
            help=command.sentence if command is not chosen else None,
            hidden=command.is_hidden,
            add_help_option=not is_open,
            context_settings={"allow_extra_args": True, "ignore_unknown_options": True} if is_open else None,
        )(_function(command) if command is chosen else _elsewhere)
    return line


def _show_version(is_asked_for: bool) -> None:
    if is_asked_for:
        typer.echo(version("schoolgate"))
        raise typer.Exit(exits.OK)


def _about(
    *,
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Takes the options that belong to no command."""


def _elsewhere() -> None:
    """Stands for a command that was not asked for."""


def _function(command: Command) -> Callable[..., Any]:
    """Loads a command; one that wants models has Django ready, or only shows its help."""
    if command.needs is not Needs.NOTHING:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
        django.setup()
    module = importlib.import_module(f"schoolgate.commands.{command.module}")
    function: Callable[..., Any] = getattr(module, command.module)
    return function


def _first_line(error: BaseException) -> str:
    return (
        str(error).strip()
        if isinstance(error, PostgresUnavailable)
        else str(error).strip().partition("\n")[0]
    )


def _end(code: int, sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise SystemExit(code)


if __name__ == "__main__":
    app()
