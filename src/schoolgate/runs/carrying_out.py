"""Carries out a stage of a run as a job does: takes it up, works, and makes way for the base's next run."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable

import psycopg
from django.db import OperationalError, close_old_connections

from schoolgate.lib import clock, disks
from schoolgate.runs import engine
from schoolgate.runs.actions import take_up
from schoolgate.runs.fence import StaleAttemptError
from schoolgate.runs.full_disk import wait_for_room
from schoolgate.runs.models import Run
from schoolgate.runs.reach import ReachOf, usual_reach
from schoolgate.runs.states import FINISHED, Stage

log = logging.getLogger(__name__)


def carry_out(
    run_id: int, stage: Stage, *, work: Callable[[Run], None], reach_of: ReachOf = usual_reach
) -> None:
    """Takes the run up for the stage and lets ``work`` do it; may be called twice for the same run.

    Nothing is done for a run that is past the stage, has ended, or must wait for another of its base. An
    attempt that is passed over meanwhile ends quietly, and a full disk puts the run aside.
    """
    close_old_connections()
    try:
        _take_up_and_work(run_id, stage, work, reach_of)
    except StaleAttemptError:
        log.info("runs.attempt.stale run_id=%s", run_id)
    finally:
        # The threads are as many as runs are carried out at once, and each keeps its connection for the
        # next job: to open one takes longer than a small school in which nothing changed.
        close_old_connections()


def _take_up_and_work(run_id: int, stage: Stage, work: Callable[[Run], None], reach_of: ReachOf) -> None:
    run: Run | None = None
    try:
        run = take_up(run_id, stage=stage, worker=worker_name(), now=clock.now(), reach_of=reach_of)
        if run is None:
            return
        work(run)
    except (OSError, OperationalError, psycopg.OperationalError) as error:  # COPY raises the driver's own
        if not disks.is_full(error):
            raise
        wait_for_room(run)
    if run is not None:
        _wake_if_free(run)


def _wake_if_free(run: Run) -> None:
    """A run that has ended, or was put aside, makes way for the next one of its base."""
    standing = Run.objects.values_list("stage", flat=True).get(pk=run.pk)
    if standing in FINISHED or standing == Stage.WAITING.value:
        engine.wake_next(run.base_id)


def worker_name() -> str:
    """This process, for the run's page."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"
