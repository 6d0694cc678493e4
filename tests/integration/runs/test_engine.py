"""Runs in the job engine's hands: the job of the stage that is to do, and jobs named as they once were."""

from __future__ import annotations

from datetime import timedelta

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast

from schoolgate.runs import engine
from schoolgate.runs.actions import plan_run, take_up
from schoolgate.runs.intake import Sifted
from schoolgate.runs.keeping import save_sifted
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin, Stage

pytestmark = pytest.mark.django_db

NOTHING_SIFTED = Sifted(terms={}, pupils_read=0, pupils_declared=None, is_complete_read=True)


def job_for(run: Run, **when: object) -> ProcrastinateJob:
    engine.enqueue(run.pk, **when)
    return ProcrastinateJob.objects.get(args__run_id=run.pk)


def test_has_a_run_read_that_has_taken_nothing_in():
    job = job_for(cast.run(cast.base(), priority=7))
    assert (job.task_name, job.priority, job.queue_name) == ("collecting.collect_run", 7, engine.QUEUE)


def test_has_a_run_landed_that_has_collected():
    run = cast.run_at_work(cast.base())
    save_sifted(run.pk, attempt=1, sifted=NOTHING_SIFTED)
    again_at = cast.NOW + timedelta(minutes=5)
    job = job_for(run, not_before=again_at)
    assert (job.task_name, job.scheduled_at) == ("importing.land_run", again_at)


@pytest.mark.parametrize("origin", [Origin.UPLOAD, Origin.SUPPLIER, Origin.AGENT])
def test_has_a_run_landed_that_came_with_files(origin):
    run = plan_run(
        base_id=cast.base().pk, origin=origin, data_type="snapshot", planned_at=cast.NOW, now=cast.NOW
    )
    assert job_for(run).task_name == "importing.land_run"


def test_wakes_a_received_file_before_a_run_that_has_still_to_read():
    base = cast.base()
    at_work = cast.run_at_work(base)
    reading = cast.run(base, priority=10)
    received = plan_run(
        base_id=base.pk, origin=Origin.UPLOAD, data_type="snapshot", planned_at=cast.NOW, now=cast.NOW
    )
    for run, stage in ((reading, Stage.COLLECTING), (received, Stage.LANDING)):
        assert take_up(run.pk, stage=stage, worker="w", now=cast.NOW) is None
    Run.objects.filter(pk=at_work.pk).update(stage="done")
    assert take_up(reading.pk, stage=Stage.COLLECTING, worker="w", now=cast.NOW) is None
    engine.wake_next(base.pk)
    woken = ProcrastinateJob.objects.get(args__run_id__in=[at_work.pk, reading.pk, received.pk])
    assert woken.args == {"run_id": received.pk}


def test_knows_the_job_of_every_stage_that_is_worked_on():
    for stage in (Stage.COLLECTING, Stage.LANDING):
        assert engine.job_of(stage) in app.tasks


def test_carries_out_landings_that_were_queued_under_their_old_name():
    assert app.tasks["collecting.land_run"] is app.tasks["importing.land_run"]


def test_refuses_a_second_job_for_a_stage():
    with pytest.raises(ValueError, match=r"landing is carried out by importing\.land_run already"):
        engine.carries_out(Stage.LANDING)(app.tasks["scheduling.tick"])
