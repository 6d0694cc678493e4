"""The job that collects a run. An id only; it tolerates running twice."""

from __future__ import annotations

from procrastinate.contrib.django import app

from schoolgate.collecting.actions import collect
from schoolgate.runs.carrying_out import carry_out
from schoolgate.runs.engine import QUEUE, carries_out
from schoolgate.runs.states import Stage


@carries_out(Stage.COLLECTING)
@app.task(name="collecting.collect_run", queue=QUEUE)
def collect_run(run_id: int) -> None:
    """Read a run's source and write what is new as a file, or find that nothing is."""
    carry_out(run_id, Stage.COLLECTING, work=collect)
