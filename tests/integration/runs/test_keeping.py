"""What a run owes between two pieces of work, and what it shows: kept, handed on, and gone at its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast

from schoolgate.runs.actions import cancel_run, fail_run, finish_run, take_up
from schoolgate.runs.intake import Intake, Landed, Sifted, intake_from
from schoolgate.runs.keeping import save_intake, save_progress, save_sifted
from schoolgate.runs.models import Run
from schoolgate.runs.progress import ReadSoFar
from schoolgate.runs.rules import Problem, Terms
from schoolgate.runs.states import Stage

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(minutes=5)
NOTHING_NEW = {"address": Terms(received=3, unchanged=3)}
NOTHING_SIFTED = Sifted(terms={}, pupils_read=0, pupils_declared=None, is_complete_read=True)


def take(run: Run, stage: Stage) -> Run | None:
    return take_up(run.pk, stage=stage, worker="w1", now=cast.NOW)


def test_keeps_what_is_shown_and_what_sifting_settled():
    run = cast.run_at_work(cast.base())
    assert not save_progress(run.pk, attempt=1, progress=ReadSoFar(pages=2))
    save_sifted(
        run.pk,
        attempt=1,
        sifted=Sifted(
            terms=NOTHING_NEW,
            pupils_read=3,
            pupils_declared=3,
            is_complete_read=True,
            cohort=["p-001"],
            beside_cohort=["p-002"],
        ),
    )
    run.refresh_from_db()
    assert run.progress == {"pages": 2}
    assert intake_from(run.intake) == Intake(terms=NOTHING_NEW, beside_cohort=("p-002",))
    assert (run.pupils_read, run.is_complete_read, run.cohort) == (3, True, ["p-001"])


def test_keeps_what_landed_between_two_files_as_it_was():
    landed = Landed(
        terms={"address": Terms(received=2, written=1, unmatched=1)},
        problems=(Problem(kind="unmatched", code="match.none", sentence="Nobody.", external_id="p-009"),),
        failed=frozenset({"p-009"}),
        is_complete=False,
        pupils=2,
    )
    run = cast.run_at_work(cast.base())
    save_intake(run.pk, attempt=1, intake=Intake(terms=NOTHING_NEW, landed=landed))
    run.refresh_from_db()
    kept = intake_from(run.intake)
    assert kept == Intake(terms=NOTHING_NEW, landed=landed)
    assert kept.accounts() == {"address": Terms(received=5, unchanged=3, written=1, unmatched=1)}


def test_collects_nothing_again_of_what_waits_to_land():
    run = cast.run_at_work(cast.base())
    save_sifted(run.pk, attempt=1, sifted=NOTHING_SIFTED)
    assert take(run, Stage.COLLECTING) is None
    assert take(run, Stage.LANDING) is not None


def test_owes_nothing_once_it_has_ended():
    for end in (
        lambda run: finish_run(run.pk, attempt=1, accounts=NOTHING_NEW, now=LATER),
        lambda run: cancel_run(run.pk, attempt=1, now=LATER),
        lambda run: fail_run(run.pk, attempt=1, code="x", sentence="s", remedy="r", now=LATER),
    ):
        run = cast.run_at_work(cast.base())
        save_sifted(run.pk, attempt=1, sifted=NOTHING_SIFTED)
        end(run)
        run.refresh_from_db()
        assert (run.intake, run.cohort) == (None, [])
