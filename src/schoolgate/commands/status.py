"""``schoolgate status``: the bases, how each last fared, and what is under way."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from schoolgate.bases.models import Base
from schoolgate.commands import exits
from schoolgate.runs.models import Run
from schoolgate.runs.states import FINISHED, LogStatus, Stage


def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Show every base, its last run and what is under way."""
    bases = list(Base.objects.order_by("dfe_number"))
    newest = Run.objects.order_by("base_id", "-pk").distinct("base_id")
    last = {run.base_id: run for run in newest}
    rows = [_row(base, last.get(base.pk)) for base in bases]
    under_way = Run.objects.exclude(stage__in=FINISHED).count()
    failed = sum(row["status"] == LogStatus.FAILED.label for row in rows)
    if as_json:
        typer.echo(json.dumps({"bases": rows, "under_way": under_way, "failed": failed}))
    else:
        _show(rows, under_way, failed)
    raise typer.Exit(exits.NEEDS_ATTENTION if failed else exits.OK)


def _row(base: Base, run: Run | None) -> dict[str, Any]:
    word = "never collected"
    if run is not None:
        word = LogStatus(run.status).label if run.status else Stage(run.stage).label
    return {
        "base": base.dfe_number,
        "name": base.name,
        "mis": base.get_mis_display(),
        "status": word,
        "finished_at": run.finished_at.isoformat() if run and run.finished_at else None,
        "exception": run.exception_sentence if run else "",
    }


def _show(rows: list[dict[str, Any]], under_way: int, failed: int) -> None:
    table = Table("Base", "Name", "MIS", "Last run", "What went wrong", box=None)
    for row in rows:
        table.add_row(row["base"], row["name"], row["mis"], row["status"], row["exception"])
    Console().print(table)
    typer.echo(f"{len(rows)} bases, {failed} failed last time, {under_way} runs under way or waiting.")
