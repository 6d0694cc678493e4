"""``schoolgate receive``: takes a B2B message in from a file, as an officer's upload would."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from schoolgate.bases.models import Base
from schoolgate.commands import exits, run_progress, run_report
from schoolgate.lib import clock
from schoolgate.receiving.actions import RefusedAtTheDoorError, check_size, receive_file


def receive(
    file: Annotated[Path, typer.Argument(help="The message: an XML file.", exists=True, dir_okay=False)],
    *,
    base: Annotated[str, typer.Option(help="DfE number of the base it comes from.")],
    wait: Annotated[bool, typer.Option(help="Stay until it has landed.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Take a message in from a file and land it; what can't be landed is kept, with line and reason."""
    started = time.monotonic()
    sender = Base.objects.filter(dfe_number=base).first()
    if sender is None:
        typer.echo(f"There is no base {base}. `schoolgate status` lists the bases.", err=True)
        raise typer.Exit(exits.USAGE)
    try:
        check_size(file.stat().st_size)
        run = receive_file(sender.pk, file.read_bytes(), by=None, now=clock.now())
    except RefusedAtTheDoorError as error:
        typer.echo(f"{error.sentence} {error.remedy}", err=True)
        raise typer.Exit(exits.FAILED) from None
    if not wait:
        typer.echo(json.dumps({"planned": [run.pk]}) if as_json else "The file is kept and will land.")
        return
    run_progress.follow([run.pk], is_silent=as_json)
    report = run_report.report_on([run.pk], seconds=time.monotonic() - started)
    typer.echo(json.dumps(report) if as_json else run_report.as_text(report))
    raise typer.Exit(run_report.exit_code(report))
