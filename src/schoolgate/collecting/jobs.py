"""The two jobs of a run: collecting and landing. Ids only; each tolerates running twice."""

from __future__ import annotations

import logging
import os
import socket

import psycopg
from django.db import OperationalError, close_old_connections
from procrastinate.contrib.django import app

from schoolgate.collecting.actions import COLLECT_RUN, LAND_RUN, collect, wake_next
from schoolgate.collecting.full_disk import wait_for_room
from schoolgate.importing import actions as importing
from schoolgate.lib import clock, disks, memory
from schoolgate.runs.actions import StaleAttemptError, take_up
from schoolgate.runs.engine import QUEUE
from schoolgate.runs.models import Run
from schoolgate.runs.states import FINISHED, Stage

log = logging.getLogger(__name__)


@app.task(name=COLLECT_RUN, queue=QUEUE)
def collect_run(run_id: int) -> None:
    """Read a run's source and write what is new as a file, or find that nothing is."""
    _carry_out(run_id, Stage.COLLECTING)


@app.task(name=LAND_RUN, queue=QUEUE)
def land_run(run_id: int) -> None:
    """Land a run's files in the register."""
    _carry_out(run_id, Stage.LANDING)


def _carry_out(run_id: int, stage: Stage) -> None:
    close_old_connections()
    try:
        _take_up_and_work(run_id, stage)
    except StaleAttemptError:
        log.info("collecting.attempt.stale run_id=%s", run_id)
    finally:
        # The threads are as many as runs are carried out at once, and each keeps its connection for the
        # next job: to open one takes longer than a small school in which nothing changed.
        close_old_connections()


def _take_up_and_work(run_id: int, stage: Stage) -> None:
    run: Run | None = None
    try:
        run = take_up(run_id, stage=stage, worker=worker_name(), now=clock.now())
        if run is None:
            return
        _work_on(run, stage)
    except (OSError, OperationalError, psycopg.OperationalError) as error:  # COPY raises the driver's own
        if not disks.is_full(error):
            raise
        wait_for_room(run)
    if run is not None:
        _wake_if_free(run)


def _work_on(run: Run, stage: Stage) -> None:
    if stage is Stage.COLLECTING:
        collect(run)
    else:
        importing.land_run(run_id=run.pk, attempt=run.attempt, now=clock.now())
        # Not after a run that found nothing new: it takes as long as all of that run.
        memory.give_back()


def _wake_if_free(run: Run) -> None:
    """A run that has ended, or was put aside, makes way for the next one of its base."""
    standing = Run.objects.values_list("stage", flat=True).get(pk=run.pk)
    if standing in FINISHED or standing == Stage.WAITING.value:
        wake_next(run.base_id)


def worker_name() -> str:
    """This process, for the run's page."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"
