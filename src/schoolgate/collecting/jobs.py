"""The job that collects a run. An id only; it tolerates running twice."""

from __future__ import annotations

from functools import cache, partial

from procrastinate.contrib.django import app

from schoolgate.collecting.actions import collect
from schoolgate.collecting.sources import officers_settings, reach_of, source_of
from schoolgate.runs.carrying_out import carry_out
from schoolgate.runs.engine import QUEUE, carries_out
from schoolgate.runs.states import Stage


@carries_out(Stage.COLLECTING)
@app.task(name="collecting.collect_run", queue=QUEUE)
def collect_run(run_id: int) -> None:
    """Read a run's source and write what is new as a file, or find that nothing is."""
    ask = cache(officers_settings)  # what officers have set is read anew for every run, and once
    carry_out(
        run_id,
        Stage.COLLECTING,
        work=partial(collect, make_source=partial(source_of, ask=ask)),
        reach_of=lambda run: reach_of(run.base, ask=ask),
    )
