"""``schoolgate receive``: takes a B2B message in from a file, as an officer's upload would.

It may be repeated at will: a message that came before changes nothing, and what became of it is told again.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from schoolgate.bases.queries import by_dfe_number
from schoolgate.commands import exits, run_progress, run_report
from schoolgate.lib import clock
from schoolgate.receiving.actions import Receipt, RefusedAtTheDoorError, check_size, receive_file


def receive(
    file: Annotated[Path, typer.Argument(help="The message: an XML file.", exists=True, dir_okay=False)],
    *,
    base: Annotated[str, typer.Option(help="DfE number of the base it comes from.")],
    wait: Annotated[bool, typer.Option(help="Stay until it has landed.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Take a message in from a file and land it; what can't be landed is kept, with line and reason.

    The same message again changes nothing: what became of it is told again, with the same exit code.
    """
    started = time.monotonic()
    sender = by_dfe_number(base.replace("/", ""))
    if sender is None:
        typer.echo(f"There is no base {base}. `schoolgate status` lists the bases.", err=True)
        raise typer.Exit(exits.USAGE)
    try:
        check_size(file.stat().st_size)
        receipt = receive_file(sender.pk, file.read_bytes(), by=None, now=clock.now())
    except RefusedAtTheDoorError as error:
        _tell_refusal(error, as_json=as_json)
        raise typer.Exit(exits.FAILED) from None
    if not wait:
        told = {"planned": [receipt.run.pk], "received_before": _received_before(receipt)}
        typer.echo(json.dumps(told) if as_json else _kept_words(receipt))
        return
    run_ids = [receipt.run.pk]
    run_progress.follow(run_ids, is_silent=as_json)
    report = run_report.report_on(run_ids, seconds=time.monotonic() - started)
    if as_json:
        typer.echo(json.dumps({**report, "received_before": _received_before(receipt)}))
    else:
        if receipt.is_repeat:
            typer.echo(f"{_before_words(receipt)} This is what became of it:\n")
        typer.echo(run_report.as_text(report))
    raise typer.Exit(run_report.exit_code(report))


def _tell_refusal(error: RefusedAtTheDoorError, *, as_json: bool) -> None:
    if as_json:
        refused = {"code": error.code, "sentence": error.sentence, "remedy": error.remedy}
        typer.echo(json.dumps({"refused": refused}))
    else:
        typer.echo(f"{error.sentence} {error.remedy}", err=True)


def _received_before(receipt: Receipt) -> str | None:
    """When the same message came first, for machines."""
    return receipt.received_at.isoformat() if receipt.is_repeat else None


def _before_words(receipt: Receipt) -> str:
    local = receipt.received_at.astimezone(clock.LONDON)
    return f"This message was received before, on {local:%-d %B %Y at %H:%M}; nothing was changed."


def _kept_words(receipt: Receipt) -> str:
    return _before_words(receipt) if receipt.is_repeat else "The file is kept and will land."
