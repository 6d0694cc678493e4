"""Lands a run: each of its files in one transaction, and the last one ends the run with its books.

Nothing of a file is seen before all of it is: register, audit, hashes, pages, the outstanding list, the
file's own state and the run's account are committed together, or not at all.
"""

from __future__ import annotations

from datetime import datetime

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from schoolgate.files.actions import begin_file, refuse_file, withdraw_files
from schoolgate.files.models import TransferFile
from schoolgate.files.queries import queued_files
from schoolgate.importing.file_landing import FileLanding
from schoolgate.lib.bulk import without_waiting
from schoolgate.runs.actions import cancel_run, fail_run
from schoolgate.runs.books import UnbalancedBooksError
from schoolgate.runs.fence import CancelWantedError, begin_landing
from schoolgate.runs.rules import Problem
from schoolgate_message.message_errors import MessageError

TRIES = 3
"""Two landings that share several pupils may stand in each other's way; one of them tries again."""


def land_run(*, run_id: int, attempt: int, now: datetime) -> None:
    """Land every queued file of a run that was taken up for landing.

    A file that is not a good message of this base is refused and kept, nothing of it is written, and the
    run fails with the reason; files before it stay landed. A run that somebody cancels ends within a batch
    of pupils, nothing of the file is written, and the next run reads it all again. Raises StaleAttemptError
    when the run has been taken up again, and UnbalancedBooksError when a block went missing: both leave
    nothing behind, and the latter fails the run for everybody to see.
    """
    files = queued_files(run_id)
    for file in files:
        try:
            _land_file(file, attempt=attempt, is_last=file is files[-1], now=now)
        except CancelWantedError:
            _cancel(run_id, attempt=attempt, now=now)
            return
        except MessageError as error:
            _refuse(file, error, attempt=attempt, now=now)
            return
        except UnbalancedBooksError:
            _refuse(file, _unbalanced(), attempt=attempt, now=now)
            raise


def _unbalanced() -> MessageError:
    return MessageError(
        "run.unbalanced",
        "The books of the run do not balance, so nothing of the file was written.",
        "This is a fault of Schoolgate: report it with the number of the run, and run the task again.",
    )


def _land_file(file: TransferFile, *, attempt: int, is_last: bool, now: datetime) -> None:
    begin_file(file.pk)
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                begin_landing(file.run_id, attempt=attempt)
                _check_references_at_once()
                with without_waiting(connection):
                    landing = FileLanding(file, attempt=attempt, now=now)
                    landing.land()
                    landing.close(is_last=is_last)
        except (OperationalError, DeadlockDetected) as error:  # COPY raises the driver's own
            if not left or not isinstance(error.__cause__ or error, DeadlockDetected):
                raise
        else:
            return


def _check_references_at_once() -> None:
    """Have the server check foreign keys as rows come in, while we make the next, and not all at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@transaction.atomic
def _cancel(run_id: int, *, attempt: int, now: datetime) -> None:
    cancel_run(run_id, attempt=attempt, now=now)
    withdraw_files(run_id=run_id, now=now)


@transaction.atomic
def _refuse(file: TransferFile, error: MessageError, *, attempt: int, now: datetime) -> None:
    """Keep the file for a person to see, with line and reason; the run fails."""
    line = error.line or None
    refuse_file(file.pk, code=error.code, sentence=error.sentence, line=line, now=now)
    problem = Problem(kind="file", code=error.code, sentence=error.sentence, remedy=error.remedy, line=line)
    fail_run(
        file.run_id,
        attempt=attempt,
        code=error.code,
        sentence=error.sentence if line is None else f"Line {line}: {error.sentence}",
        remedy=error.remedy,
        detail=f"file {file.name}",
        now=now,
        exceptions=[problem],
    )
