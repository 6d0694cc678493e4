"""What a run does when a disk is full: it waits for room, and when none comes ends with a plain sentence.

Nothing of it is written by halves: what the failed transaction held is gone, what was committed before
stays, and the run goes on from there, or the next run reads everything again.
"""

from __future__ import annotations

import logging

from django.db import OperationalError, transaction

from schoolgate.lib import clock, disks
from schoolgate.runs import engine
from schoolgate.runs.actions import fail_run, wait_for_retry
from schoolgate.runs.models import Run
from schoolgate.runs.rules import gives_up

log = logging.getLogger(__name__)

CODE = "disk.full"
SENTENCE = "There is no room left on the disk of Schoolgate's server or of its database."
REMEDY = (
    "Ask whoever looks after Schoolgate to make room. Nothing was written by halves: what waits goes on by "
    "itself, and for a failed run the next one collects everything again."
)


def wait_for_room(run: Run | None) -> None:
    """Puts the run aside for a while, longer each time, and ends it after about two hours.

    Where not even that can be written, or the run could not be taken up (``None``), it stays as it stands:
    the scheduler service finds it without a job, and tries again. Raises StaleAttemptError when another
    worker has the run.
    """
    log.error("runs.disk.full run_id=%s", None if run is None else run.pk)
    if run is None:
        return
    try:
        _put_aside(run)
    except OperationalError as error:
        if not disks.is_full(error):
            raise
        log.error("runs.disk.too_full_for_a_note run_id=%s", run.pk)  # noqa: TRY400 - no trace wanted


@transaction.atomic
def _put_aside(run: Run) -> None:
    now = clock.now()
    if gives_up(run.retries):
        fail_run(run.pk, attempt=run.attempt, code=CODE, sentence=SENTENCE, remedy=REMEDY, now=now)
        return
    again_at = wait_for_retry(run.pk, attempt=run.attempt, waits_for="room on the disk", now=now)
    engine.enqueue(run.pk, not_before=again_at)
