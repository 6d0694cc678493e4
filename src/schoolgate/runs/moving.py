"""Moves a run from stage to stage. Whoever moves one asks the table in ``states``, here or in a condition."""

from __future__ import annotations

from schoolgate.runs.models import Run
from schoolgate.runs.states import Stage, may_follow


class WrongMoveError(Exception):
    """The table of stages has no such step: nothing may be written. It is a bug, loudly."""


def move(run: Run, after: Stage) -> None:
    """Sets the stage of a run that the caller has locked and will save. Raises WrongMoveError."""
    if not may_follow(Stage(run.stage), after):
        raise WrongMoveError(f"run {run.pk} may not go from {run.stage} to {after.value}")
    run.stage = after.value
