"""Shows runs under way: a bar over all of them, and a line for each that is being carried out."""

from __future__ import annotations

import time
from collections.abc import Sequence

from django.db import connection
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from schoolgate.runs.models import Run
from schoolgate.runs.progress import read_so_far
from schoolgate.runs.states import ACTIVE, FINISHED, Stage

POLL_SECONDS = 0.25
SHOWN = 8
SILENCE_SECONDS = 20.0


def follow(run_ids: Sequence[int], *, is_silent: bool) -> None:
    """Return when every run has finished; draws on standard error unless silent."""
    console = Console(stderr=True, quiet=is_silent)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console)
    whole = bar.add_task("Collecting", total=len(run_ids))
    has_moved = False
    began = time.monotonic()
    with Live(bar, console=console, refresh_per_second=4, transient=True) as live:
        while True:
            done = Run.objects.filter(pk__in=run_ids, stage__in=FINISHED).count()
            active = list(Run.objects.filter(pk__in=run_ids, stage__in=ACTIVE).select_related("base")[:SHOWN])
            bar.update(whole, completed=done)
            live.update(_picture(bar, active))
            if done == len(run_ids):
                return
            has_moved = has_moved or bool(done or active)
            if not has_moved and time.monotonic() - began > SILENCE_SECONDS and not _has_worker():
                console.print("No worker is running. Start one with: schoolgate worker", style="yellow")
                has_moved = True
            time.sleep(POLL_SECONDS)


def _picture(bar: Progress, active: list[Run]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_row(bar)
    lines = Table.grid(padding=(0, 2))
    for run in active:
        pages = read_so_far(run.progress).pages
        lines.add_row(f"  {run.base.name}", Stage(run.stage).label, f"{pages} pages", _rate(run))
    grid.add_row(lines)
    return grid


def _rate(run: Run) -> str:
    pupils = read_so_far(run.progress).pupils or run.pupils_read
    return f"{pupils} pupils" if pupils else ""


def _has_worker() -> bool:
    alive = "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds' LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(alive)
        return cursor.fetchone() is not None
