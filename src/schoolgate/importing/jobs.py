"""The job that lands a run. An id only; it tolerates running twice."""

from __future__ import annotations

from procrastinate.contrib.django import app

from schoolgate.importing import actions
from schoolgate.lib import clock, memory
from schoolgate.runs.carrying_out import carry_out
from schoolgate.runs.engine import QUEUE, carries_out
from schoolgate.runs.models import Run
from schoolgate.runs.states import Stage

NAMED_BEFORE = ["collecting.land_run"]
"""Under this name jobs may still be waiting in the database."""


@carries_out(Stage.LANDING)
@app.task(name="importing.land_run", aliases=NAMED_BEFORE, queue=QUEUE)
def land_run(run_id: int) -> None:
    """Land a run's files in the register."""
    carry_out(run_id, Stage.LANDING, work=_land)


def _land(run: Run) -> None:
    actions.land_run(run_id=run.pk, attempt=run.attempt, now=clock.now())
    # Not after a run that found nothing new: it takes as long as all of that run.
    memory.give_back()
