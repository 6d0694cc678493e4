"""The planner: each due occurrence becomes one run, whoever plans and however late."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast

from schoolgate.bases.actions import edit_base
from schoolgate.runs.models import Run
from schoolgate.runs.states import Stage
from schoolgate.scheduling.actions import run_now
from schoolgate.scheduling.planner import plan_due
from schoolgate.tasks.actions import set_active
from schoolgate.tasks.models import Membership

pytestmark = pytest.mark.django_db

DUE_AT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
JUST_AFTER = DUE_AT + timedelta(seconds=3)


def jobs_about(run: Run) -> int:
    return ProcrastinateJob.objects.filter(args__run_id=run.pk).count()


def test_turns_what_is_due_into_runs_with_a_job_each():
    bases = [cast.base(), cast.base("Marsh Lane")]
    cast.task(*bases)
    assert plan_due(now=DUE_AT - timedelta(seconds=1)) == 0
    assert plan_due(now=JUST_AFTER) == 2
    runs = Run.objects.order_by("pk")
    assert [(run.planned_at, run.stage, run.origin) for run in runs] == [(DUE_AT, "due", "task")] * 2
    assert [jobs_about(run) for run in runs] == [1, 1]


def test_plans_an_occurrence_once():
    cast.task(cast.base())
    assert plan_due(now=JUST_AFTER) == 1
    assert plan_due(now=JUST_AFTER) == 0
    assert Membership.objects.get().next_due_at == DUE_AT + timedelta(days=1)


def test_catches_up_on_missed_occurrences_with_one_run():
    cast.task(cast.base())
    assert plan_due(now=DUE_AT + timedelta(days=8)) == 1
    assert Run.objects.get().planned_at == DUE_AT


def test_plans_nothing_more_while_the_run_before_has_not_begun():
    cast.task(cast.base())
    plan_due(now=JUST_AFTER)
    assert plan_due(now=JUST_AFTER + timedelta(days=1)) == 0
    Run.objects.update(stage=Stage.DONE.value)
    assert plan_due(now=JUST_AFTER + timedelta(days=2)) == 1


def test_plans_nothing_for_a_paused_task():
    set_active(cast.task(cast.base()).pk, is_active=False, by=None, now=cast.NOW)
    assert plan_due(now=JUST_AFTER) == 0


@pytest.mark.django_db(transaction=True)
def test_starts_each_due_run_once_with_three_planners():
    bases = [cast.base(f"School {number}") for number in range(12)]
    for name in ("Changes", "Marks", "Whole"):
        cast.task(*bases, name=name)
    start = threading.Barrier(3)
    planned: list[int] = []

    def plan() -> None:
        start.wait()
        planned.append(plan_due(now=JUST_AFTER))
        connection.close()

    planners = [threading.Thread(target=plan) for _ in range(3)]
    for planner in planners:
        planner.start()
    for planner in planners:
        planner.join()
    assert sum(planned) == Run.objects.count() == 36
    assert all(jobs_about(run) == 1 for run in Run.objects.all())


def test_runs_a_task_now_where_it_can_and_says_where_it_can_not():
    ready, asleep, untold = cast.base(), cast.base("Marsh Lane"), cast.base_on_sims_7("Kingsmead")
    task = cast.task(ready, asleep, untold, data_type="attendance_changed_data")
    edit_base(asleep.pk, is_active=False, by=None, now=cast.NOW)
    outcome = run_now(task.pk, by=7, now=cast.NOW)
    run = Run.objects.get(pk__in=outcome.runs)
    assert (run.base_id, run.origin, run.priority, run.requested_by) == (ready.pk, "ad_hoc", 10, 7)
    assert jobs_about(run) == 1
    assert {each.base_name: each.sentence for each in outcome.refused} == {
        "Marsh Lane": "The base is not active.",
        "Kingsmead": "The base is still on SIMS 7.",
    }
    assert not run_now(task.pk, base_ids=[asleep.pk], by=7, now=cast.NOW).runs


def test_hands_the_tasks_cohort_to_the_run():
    task = cast.task(cast.base())
    task.is_historic_send_left_out = True
    task.save()
    plan_due(now=JUST_AFTER)
    assert Run.objects.get().filters == {"is_historic_send_left_out": True}


def test_plans_a_county_with_as_many_questions_as_a_village():
    cast.task(*[cast.base(f"School {number}") for number in range(3)])
    with CaptureQueriesContext(connection) as few:
        assert plan_due(now=JUST_AFTER) == 3
    Run.objects.update(stage=Stage.DONE.value)
    cast.task(*[cast.base(f"Academy {number}") for number in range(10)], name="Many")
    with CaptureQueriesContext(connection) as more:
        assert plan_due(now=JUST_AFTER + timedelta(seconds=1)) == 10
    runs_apart = 10 - 3
    assert len(more) - len(few) <= runs_apart * 9
