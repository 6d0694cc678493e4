"""``schoolgate clean-demo``: removes what a demo made, its database, files and keys, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from schoolgate.commands import demo_lock, exits
from schoolgate.config import environment
from schoolgate.lib import embedded_postgres

MADE = ("postgres", "demo-keys", "files", "logs", "tmp", "sandbox.json")


def clean_demo() -> None:
    """Remove what a demo made; refuses while one is running, and where this is no demo."""
    data_dir = Path(environment.read("SCHOOLGATE_DATA_DIR")).expanduser().resolve()
    if not (data_dir / "demo-keys").is_dir():
        typer.echo(f"There is no demo in {data_dir}; nothing was removed.")
        return
    try:
        with demo_lock.held(data_dir):
            embedded_postgres.stop(data_dir)
            for name in MADE:
                _remove(data_dir / name)
    except demo_lock.DemoRunsError as error:
        typer.echo(f"{error.sentence} {error.remedy}", err=True)
        raise typer.Exit(exits.FAILED) from None
    typer.echo(f"The demo's database, files and keys are gone from {data_dir}.")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
