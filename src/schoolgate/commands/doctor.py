"""`schoolgate doctor`: looks at this installation and says, line by line, what to do.

Each check is a sentence that holds or doesn't. A failed one that stops Schoolgate makes the exit code 1, a
failed one that it can live with makes it 3.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from schoolgate.commands import exits
from schoolgate.commands.doctor_checks import Finding, all_findings


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Check this installation and say what to do."""
    findings = all_findings()
    if as_json:
        typer.echo(json.dumps({"checks": [asdict(finding) for finding in findings]}))
    else:
        _show(findings)
    raise typer.Exit(_exit_code(findings))


def _show(findings: list[Finding]) -> None:
    table = Table(box=None, show_header=False, padding=(0, 1))
    for finding in findings:
        sign = "[green]ok[/]" if finding.is_well else "[red]no[/]" if finding.is_needed else "[yellow]--[/]"
        table.add_row(sign, finding.name, escape(finding.says))
        if not finding.is_well:
            table.add_row("", "", f"[bold]{escape(finding.remedy)}[/]")
    Console().print(table)


def _exit_code(findings: list[Finding]) -> int:
    if any(not finding.is_well and finding.is_needed for finding in findings):
        return exits.FAILED
    return exits.OK if all(finding.is_well for finding in findings) else exits.NEEDS_ATTENTION
