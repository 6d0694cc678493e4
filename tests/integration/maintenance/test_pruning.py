"""What has outlived its time goes; everything else stays."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast

from schoolgate.audit.actions import record_event
from schoolgate.audit.models import Event
from schoolgate.lib import clock
from schoolgate.maintenance import actions
from schoolgate.maintenance.actions import prune
from schoolgate.runs import engine
from schoolgate.runs.actions import finish_run
from schoolgate.runs.models import RunException, TaskLogEntry
from schoolgate.runs.rules import Problem

pytestmark = pytest.mark.django_db


def test_lets_exceptions_go_after_a_year_and_keeps_the_task_log():
    run = cast.run_at_work(cast.base())
    problem = Problem(kind="refused", code="c", sentence="s")
    finish_run(run.pk, attempt=1, accounts={}, exceptions=[problem], now=cast.NOW)
    prune(now=cast.NOW + timedelta(days=364))
    assert RunException.objects.count() == 1
    prune(now=cast.NOW + timedelta(days=366))
    assert (RunException.objects.count(), TaskLogEntry.objects.count()) == (0, 1)


def test_lets_the_task_log_go_after_seven_years_a_piece_at_a_time(monkeypatch):
    monkeypatch.setattr(actions, "BATCH", 2)
    run = cast.run(cast.base())
    for days in (0, 7 * 365, 8 * 365, 8 * 365 + 1, 8 * 365 + 2):
        TaskLogEntry.objects.create(
            run=run, base=run.base, task_name="T", logged_at=cast.NOW - timedelta(days=days), status="failed"
        )
    assert [prune(now=cast.NOW) for _ in range(3)] == [2, 1, 0]
    assert TaskLogEntry.objects.count() == 2
    assert TaskLogEntry.objects.order_by("logged_at").first().logged_at == cast.NOW - timedelta(days=7 * 365)


def test_lets_events_go_after_seven_years():
    record_event("bases.base.created", now=cast.NOW - timedelta(days=8 * 365))
    record_event("bases.base.edited", now=cast.NOW)
    assert prune(now=cast.NOW) == 1
    assert [event.name for event in Event.objects.all()] == ["bases.base.edited"]


def test_lets_sessions_go_that_have_ended():
    for name, days in (("ended", -1), ("lasts", 1)):
        Session.objects.create(session_key=name, session_data="", expire_date=cast.NOW + timedelta(days=days))
    assert prune(now=cast.NOW) == 1
    assert [session.pk for session in Session.objects.all()] == ["lasts"]


def test_lets_finished_jobs_go_after_a_day_and_crashes_after_a_month():
    jobs = {status: engine.defer("x", run_id=1) for status in ("todo", "succeeded", "failed")}
    with connection.cursor() as cursor:
        for status, job in jobs.items():
            cursor.execute("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", [status, job])
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '2 days'")
    prune(now=clock.now())
    assert set(ProcrastinateJob.objects.values_list("status", flat=True)) == {"todo", "failed"}
    prune(now=clock.now() + timedelta(days=40))
    assert set(ProcrastinateJob.objects.values_list("status", flat=True)) == {"todo"}
