"""Turns away whoever works on a run that another worker has taken up since, or that is no longer wanted.

Every write after a run was taken up carries the attempt it belongs to: a worker thought dead that comes back
finds the attempt counted up.
"""

from __future__ import annotations

from schoolgate.runs.landing_lock import hold_landing
from schoolgate.runs.locking import locked
from schoolgate.runs.models import Run
from schoolgate.runs.states import ACTIVE


class StaleAttemptError(Exception):
    """The run was taken up again since: whatever this attempt holds must be thrown away."""


class CancelWantedError(Exception):
    """Somebody asked the run to stop: whatever has not been committed must be thrown away."""


def own(run_id: int, attempt: int) -> Run:
    """The run, locked, for the attempt that owns it."""
    run = locked(run_id)
    _check_newest(run_id, attempt, newest=run.attempt, stage=run.stage)
    return run


def _check_newest(run_id: int, attempt: int, *, newest: int, stage: str) -> None:
    if attempt != newest or stage not in ACTIVE:
        raise stale(run_id, attempt)


def stale(run_id: int, attempt: int) -> StaleAttemptError:
    """What to raise at an attempt that has been passed over."""
    return StaleAttemptError(f"run {run_id}: attempt {attempt} is no longer the newest")


def begin_landing(run_id: int, *, attempt: int) -> None:
    """Opens a transaction that lands: whoever takes the run up meanwhile waits until it is over.

    The run's row stays free, so that an officer can cancel the run, or delete its task, while it lands;
    ``check_wanted`` finds the wish. Raises StaleAttemptError.
    """
    hold_landing(run_id)
    check_wanted(run_id, attempt=attempt)


def check_wanted(run_id: int, *, attempt: int) -> None:
    """A landing's checkpoint. Raises CancelWantedError, or StaleAttemptError for an attempt passed over."""
    newest, stage, is_cancel_wanted = Run.objects.values_list("attempt", "stage", "is_cancel_wanted").get(
        pk=run_id
    )
    _check_newest(run_id, attempt, newest=newest, stage=stage)
    if is_cancel_wanted:
        raise CancelWantedError(f"run {run_id} is no longer wanted")
