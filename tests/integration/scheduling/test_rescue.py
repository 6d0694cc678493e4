"""The rescue: work that nobody does any more is done by somebody."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast
from tests.landing import land, pupil
from tests.waiting import absence, pupil_of, put

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.holding.queries import entries_that_wait
from schoolgate.lib import clock
from schoolgate.runs import engine
from schoolgate.runs.actions import finish_run, take_up, wait_for_retry
from schoolgate.runs.intake import Sifted
from schoolgate.runs.keeping import save_sifted
from schoolgate.runs.models import Run, TaskLogEntry
from schoolgate.runs.rules import Terms
from schoolgate.runs.states import Stage
from schoolgate.scheduling.beats import beat
from schoolgate.scheduling.jobs import tick
from schoolgate.scheduling.models import Clockwork
from schoolgate.scheduling.queries import health
from schoolgate.scheduling.rescue import requeue_lost_runs, retry_stalled_jobs, wake_waiting_runs
from schoolgate.scheduling.tick import TIDY_LOCK, turn

pytestmark = pytest.mark.django_db


def sql(statement: str, *arguments: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return cursor.fetchall() if cursor.description else []


def worker(*, silent_seconds: float) -> int:
    ((made,),) = sql(
        "INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - %s * interval '1 second') RETURNING id",
        silent_seconds,
    )
    return made


def job_at_work(name: str, worker_id: int | None, **ids: int) -> int:
    job = engine.defer(name, **ids)
    sql("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", worker_id, job)
    return job


def status_of(job: int) -> str | None:
    return ProcrastinateJob.objects.filter(pk=job).values_list("status", flat=True).first()


def open_jobs(run: Run) -> int:
    return ProcrastinateJob.objects.filter(args__run_id=run.pk, status__in=["todo", "doing"]).count()


def test_puts_the_jobs_of_a_silent_worker_back_into_the_queue():
    dead = job_at_work("collecting.collect_run", worker(silent_seconds=6), run_id=1)
    gone = job_at_work("collecting.collect_run", None, run_id=2)
    alive = job_at_work("collecting.collect_run", worker(silent_seconds=1), run_id=3)
    assert retry_stalled_jobs(now=clock.now()) == 2
    assert [status_of(job) for job in (dead, gone, alive)] == ["todo", "todo", "doing"]
    assert retry_stalled_jobs(now=clock.now()) == 0


def test_ends_a_stalled_turn_of_its_own_even_with_another_in_the_queue():
    stalled = job_at_work("scheduling.tick", worker(silent_seconds=60), timestamp=1)
    sql("UPDATE procrastinate_jobs SET queueing_lock = 'scheduling.tick' WHERE id = %s", stalled)
    waiting = engine.defer("scheduling.tick", timestamp=2)
    sql("UPDATE procrastinate_jobs SET queueing_lock = 'scheduling.tick' WHERE id = %s", waiting)
    assert retry_stalled_jobs(now=clock.now()) == 1
    assert (status_of(stalled), status_of(waiting)) == (None, "todo")


def test_gives_a_run_whose_job_vanished_a_new_one():
    due, at_work = cast.run(cast.base()), cast.run_at_work(cast.base("Marsh Lane"))
    assert requeue_lost_runs(now=cast.NOW) == 2
    assert (open_jobs(due), open_jobs(at_work)) == (1, 1)
    assert requeue_lost_runs(now=cast.NOW) == 0


def test_leaves_a_run_that_backs_off_alone_until_its_time():
    run = cast.run_at_work(cast.base())
    again_at = wait_for_retry(run.pk, attempt=1, waits_for="the source is busy", now=cast.NOW)
    assert requeue_lost_runs(now=cast.NOW) == 0
    assert requeue_lost_runs(now=again_at + timedelta(seconds=1)) == 1


def test_ends_a_run_that_crashed_three_times_and_tells_the_officer():
    run = cast.run_at_work(cast.base())
    for _ in range(3):
        job = job_at_work("collecting.collect_run", None, run_id=run.pk)
        sql("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", job)
    requeue_lost_runs(now=cast.NOW)
    run.refresh_from_db()
    assert (run.stage, run.exception_code) == ("failed", "run.crashed")
    assert TaskLogEntry.objects.get(run=run).exception_details.startswith("Run it again")
    assert open_jobs(run) == 0


def test_wakes_the_run_that_waited_for_one_that_has_ended():
    base = cast.base()
    at_work, waiting = cast.run_at_work(base), cast.run(base)
    take_up(waiting.pk, stage=Stage.COLLECTING, worker="w", now=cast.NOW)
    assert wake_waiting_runs() == 0
    save_sifted(
        at_work.pk,
        attempt=1,
        sifted=Sifted(terms={}, pupils_read=0, pupils_declared=None, is_complete_read=True),
    )
    finish_run(at_work.pk, attempt=1, accounts={"address": Terms()}, now=cast.NOW)
    assert wake_waiting_runs() == 1
    assert open_jobs(waiting) == 1
    assert wake_waiting_runs() == 0


def test_takes_a_whole_turn():
    base = cast.base()
    cast.task(base)
    now = cast.NOW + timedelta(days=1)
    turn(now=now)
    turn(now=now)
    assert open_jobs(Run.objects.get()) == 1
    clockwork = Clockwork.objects.get()
    assert (clockwork.ticked_at, clockwork.pruned_at) == (now, now)


def test_rescues_while_another_worker_stands_still_in_tidying_up():
    dead = job_at_work("collecting.collect_run", worker(silent_seconds=6), run_id=1)
    another = connection.copy()
    with closing(another), another.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [TIDY_LOCK])
        turn(now=cast.NOW)
    clockwork = Clockwork.objects.get()
    assert (status_of(dead), clockwork.ticked_at, clockwork.pruned_at) == ("todo", cast.NOW, None)


def test_looks_round_for_tasks_that_need_not_wait_any_more():
    base = cast.base()
    task = cast.task(base)
    task.memberships.update(next_due_at=None, pending_reason="connection_untested")
    turn(now=cast.NOW)
    assert task.memberships.get().next_due_at is not None


def test_ends_what_was_held_and_needs_no_decision_any_more():
    base = cast.base()
    land(base, pupil("twin one"))
    put(base, absence("twin one", pupil_id=pupil_of(base, "twin one")))
    turn(now=cast.NOW + timedelta(minutes=2))
    assert entries_that_wait(EVERYTHING) == []


def test_says_how_the_scheduler_service_is():
    assert health(EVERYTHING, now=cast.NOW).sentence.startswith("No worker is running")
    beat("here:1", concurrency=4, now=cast.NOW - timedelta(minutes=10))
    beat("here:2", concurrency=4, now=cast.NOW)
    assert "not planned anything yet" in health(EVERYTHING, now=cast.NOW).sentence
    turn(now=cast.NOW)
    well = health(EVERYTHING, now=cast.NOW + timedelta(seconds=4))
    assert well.is_well
    assert [each.name for each in well.workers] == ["here:2"]
    cast.task(cast.base())
    late = health(EVERYTHING, now=cast.NOW + timedelta(days=1))
    assert not late.is_well
    assert late.lag_seconds > 6 * 3600


def test_is_run_by_the_engine_every_five_seconds_and_never_piles_up():
    (periodic,) = app.periodic_registry.periodic_tasks.values()
    assert (periodic.task.name, periodic.cron) == ("scheduling.tick", "* * * * * */5")
    assert periodic.task.queueing_lock == "scheduling.tick"
    tick(timestamp=0)
    assert Clockwork.objects.get().ticked_at is not None
