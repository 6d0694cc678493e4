"""Keeps what a run at work has come to so far: what it shows, what it owes, the files it made."""

from __future__ import annotations

from pathlib import Path

import msgspec
from django.db import connection, transaction

from schoolgate.runs.fence import stale
from schoolgate.runs.intake import Intake, Sifted, kept_intake, kept_rows
from schoolgate.runs.locking import locked
from schoolgate.runs.models import Run
from schoolgate.runs.progress import ReadSoFar
from schoolgate.runs.states import ACTIVE

_SAVE_PROGRESS = (Path(__file__).parent / "sql" / "save_progress.sql").read_text(encoding="utf-8")


def save_progress(run_id: int, *, attempt: int, progress: ReadSoFar) -> bool:
    """Keeps what is shown while the run works. Raises StaleAttemptError.

    Answers whether somebody asked the run to stop.
    """
    shown = msgspec.json.encode(progress).decode()
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_PROGRESS, {"run_id": run_id, "attempt": attempt, "progress": shown})
        found = cursor.fetchone()
    if found is None:
        raise stale(run_id, attempt)
    return bool(found[0])


def save_intake(run_id: int, *, attempt: int, intake: Intake) -> None:
    """Keeps what the run owes from now on, between two files of a landing, say. Raises StaleAttemptError."""
    _keep(run_id, attempt, intake)


def save_sifted(run_id: int, *, attempt: int, sifted: Sifted) -> None:
    """Keeps what collecting settled of a run that has something to land. Raises StaleAttemptError."""
    _keep(
        run_id,
        attempt,
        sifted.intake(),
        pupils_read=sifted.pupils_read,
        pupils_declared=sifted.pupils_declared,
        is_complete_read=sifted.is_complete_read,
        rows=kept_rows(sifted.rows),
        clock_offset=sifted.clock_offset,
        cohort=list(sifted.cohort),
    )


def _keep(run_id: int, attempt: int, intake: Intake, **read: object) -> None:
    own = Run.objects.filter(pk=run_id, attempt=attempt, stage__in=ACTIVE)
    if not own.update(intake=kept_intake(intake), **read):
        raise stale(run_id, attempt)


@transaction.atomic
def note_file(run_id: int, *, file_id: int, name: str) -> None:
    """Remembers a file the run made, for its row in the task log."""
    run = locked(run_id)
    run.noted_files = [*run.noted_files, [file_id, name]]
    run.save(update_fields=["noted_files"])
