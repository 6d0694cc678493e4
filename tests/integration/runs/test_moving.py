"""Every mover asks the table of stages: all pairs are walked, and no run takes a step that isn't in it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import product

import pytest
from tests import cast

from schoolgate.runs.actions import (
    cancel_run,
    fail_run,
    finish_run,
    finish_unchanged,
    request_cancel,
    take_up,
    wait_for_retry,
)
from schoolgate.runs.books import close_books
from schoolgate.runs.fence import StaleAttemptError
from schoolgate.runs.intake import Sifted
from schoolgate.runs.models import Run
from schoolgate.runs.moving import WrongMoveError, move
from schoolgate.runs.states import ACTIVE, Stage, may_follow

pytestmark = pytest.mark.django_db

SIFTED = Sifted(terms={}, pupils_read=0, pupils_declared=None, is_complete_read=True)


def fail(run: Run, attempt: int | None) -> None:
    fail_run(run.pk, attempt=attempt, code="x", sentence="s", remedy="r", now=cast.NOW)


MOVERS: dict[str, tuple[Stage, Callable[[Run], object]]] = {
    "collect": (
        Stage.COLLECTING,
        lambda run: take_up(run.pk, stage=Stage.COLLECTING, worker="w", now=cast.NOW),
    ),
    "land": (Stage.LANDING, lambda run: take_up(run.pk, stage=Stage.LANDING, worker="w", now=cast.NOW)),
    "wait": (Stage.WAITING, lambda run: wait_for_retry(run.pk, attempt=1, waits_for="x", now=cast.NOW)),
    "finish": (Stage.DONE, lambda run: finish_run(run.pk, attempt=1, accounts={}, now=cast.NOW)),
    "finish unchanged": (Stage.DONE, lambda run: finish_unchanged(run, sifted=SIFTED, now=cast.NOW)),
    "fail at work": (Stage.FAILED, lambda run: fail(run, 1)),
    "fail untouched": (Stage.FAILED, lambda run: fail(run, None)),
    "cancel at work": (Stage.CANCELLED, lambda run: cancel_run(run.pk, attempt=1, now=cast.NOW)),
    "cancel untouched": (Stage.CANCELLED, lambda run: request_cancel(run.pk, by=None, now=cast.NOW)),
}
BY_THE_OWNER = {"wait", "finish", "finish unchanged", "fail at work", "cancel at work"}
"""Only an attempt that is at work can do so."""


def standing_at(stage: Stage) -> Run:
    run = cast.run(cast.base())
    Run.objects.filter(pk=run.pk).update(stage=stage.value, attempt=1)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize(("stage", "mover"), list(product(Stage, MOVERS)))
def test_takes_the_steps_of_the_table_and_no_other(stage, mover):
    after, act = MOVERS[mover]
    run = standing_at(stage)
    with suppress(StaleAttemptError, WrongMoveError):
        act(run)
    run.refresh_from_db()
    is_owner = stage.value in ACTIVE
    is_moved = may_follow(stage, after) and (is_owner or mover not in BY_THE_OWNER)
    if mover == "cancel untouched" and is_owner:
        # Whoever works on it ends it, at the next checkpoint.
        assert (run.stage, run.is_cancel_wanted) == (stage.value, True)
        return
    assert run.stage == (after.value if is_moved else stage.value)


@pytest.mark.parametrize("stage", list(Stage))
def test_waits_for_another_run_from_wherever_the_table_lets_it(stage):
    run = standing_at(stage)
    if stage.value not in ACTIVE:
        other = cast.run(run.base)
        Run.objects.filter(pk=other.pk).update(stage="landing")
        take_up(run.pk, stage=Stage.COLLECTING, worker="w", now=cast.NOW)
    run.refresh_from_db()
    is_put_aside = stage in {Stage.DUE, Stage.WAITING}
    assert run.stage == ("waiting" if is_put_aside else stage.value)


@pytest.mark.parametrize("stage", list(Stage))
def test_closes_the_books_only_of_what_may_be_done(stage):
    run = standing_at(stage)
    is_closed = close_books(run, {}, is_vouched=True, details="", now=cast.NOW)
    assert is_closed is may_follow(stage, Stage.DONE)


@pytest.mark.parametrize(("stage", "after"), list(product(Stage, Stage)))
def test_refuses_a_step_that_the_table_has_not(stage, after):
    run = Run(pk=1, stage=stage.value)
    if may_follow(stage, after):
        move(run, after)
        assert run.stage == after.value
    else:
        with pytest.raises(WrongMoveError):
            move(run, after)


def test_begins_where_the_table_begins():
    assert cast.run(cast.base()).stage == "due"
