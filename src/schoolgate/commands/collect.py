"""``schoolgate collect``: collect bases now and wait for the outcome, as an officer's "run now" would."""

from __future__ import annotations

import enum
import json
import time
from typing import Annotated

import typer
from django.db import transaction

from schoolgate.bases.models import Base, Mis
from schoolgate.commands import exits, run_progress, run_report
from schoolgate.lib import clock
from schoolgate.runs import engine
from schoolgate.runs.actions import plan_run
from schoolgate.runs.states import Origin
from schoolgate_message.data_types import DataType

RUN_NOW = 10
"""The priority of what a person asked for; nightly runs have 0."""


class Data(enum.StrEnum):
    """What to collect, in the command line's words."""

    SNAPSHOT = "snapshot"
    CHANGED = "changed"
    ATTENDANCE_CHANGED = "attendance-changed"


_DATA_TYPES = {
    Data.SNAPSHOT: DataType.SNAPSHOT,
    Data.CHANGED: DataType.CHANGED_DATA,
    Data.ATTENDANCE_CHANGED: DataType.ATTENDANCE_CHANGED_DATA,
}


def collect(
    *,
    base: Annotated[list[str] | None, typer.Option(help="DfE number of a base; may be given often.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every active SIMS Primary base.")] = False,
    data: Annotated[Data, typer.Option(help="What to collect.")] = Data.SNAPSHOT,
    wait: Annotated[bool, typer.Option(help="Stay until the runs have finished.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Collect bases now: plans a run for each and shows how they fare."""
    started = time.monotonic()
    bases = _chosen(base or [], every=every)
    run_ids = _plan(bases, _DATA_TYPES[data])
    if not wait:
        typer.echo(json.dumps({"planned": run_ids}) if as_json else f"{len(run_ids)} runs planned.")
        return
    run_progress.follow(run_ids, is_silent=as_json)
    report = run_report.report_on(run_ids, seconds=time.monotonic() - started)
    typer.echo(json.dumps(report) if as_json else run_report.as_text(report))
    raise typer.Exit(run_report.exit_code(report))


def _chosen(numbers: list[str], *, every: bool) -> list[Base]:
    """The bases asked for; a number that is not a SIMS Primary base stops the command before anything."""
    usable = Base.objects.filter(mis=Mis.SIMS_PRIMARY, is_active=True).order_by("dfe_number")
    if every:
        return list(usable)
    found = {each.dfe_number: each for each in usable.filter(dfe_number__in=numbers)}
    missing = [number for number in numbers if number not in found]
    if missing or not found:
        named = ", ".join(missing) or "none was named"
        typer.echo(
            f"No active SIMS Primary base to collect: {named}. "
            "Give a DfE number of seven digits with --base, or --all; `schoolgate status` lists the bases.",
            err=True,
        )
        raise typer.Exit(exits.USAGE)
    return [found[number] for number in numbers]


def _plan(bases: list[Base], data_type: DataType) -> list[int]:
    """One run a base, each enqueued in the transaction that makes it."""
    now = clock.now()
    planned = []
    for each in bases:
        with transaction.atomic():
            run = plan_run(
                base_id=each.pk,
                origin=Origin.AD_HOC,
                data_type=data_type.value,
                planned_at=now,
                priority=RUN_NOW,
                now=now,
            )
            engine.enqueue(run.pk)
        planned.append(run.pk)
    return planned
