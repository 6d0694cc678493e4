"""The scheduler service's entry into the job engine."""

from __future__ import annotations

from procrastinate.contrib.django import app

from schoolgate.lib import clock
from schoolgate.runs.engine import CLOCK_QUEUE
from schoolgate.scheduling.tick import turn

EVERY_FIVE_SECONDS = "* * * * * */5"
"""The sixth field of the engine's cron lines is the second."""
BEFORE_EVERYTHING = 1000


@app.periodic(cron=EVERY_FIVE_SECONDS)
@app.task(
    name="scheduling.tick", queue=CLOCK_QUEUE, queueing_lock="scheduling.tick", priority=BEFORE_EVERYTHING
)
def tick(timestamp: int) -> None:  # noqa: ARG001 - the engine's word for when it was due; late is as good
    """Takes one turn. One at most waits in the queue, so that busy workers don't pile them up."""
    turn(now=clock.now())
