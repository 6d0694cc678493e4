"""The task log: filters, pages by keyset, counts, CSV; and the order of the queue."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.runs import engine
from schoolgate.runs import task_log as log
from schoolgate.runs.actions import finish_run, plan_run, take_up
from schoolgate.runs.locking import locked_with_base
from schoolgate.runs.models import Run, RunException, TaskLogEntry
from schoolgate.runs.ordering import move_to_front
from schoolgate.runs.queries import choose_since, newest_of
from schoolgate.runs.rules import Problem
from schoolgate.runs.states import Origin, Stage
from schoolgate.scheduling.queries import queue, queue_counts
from schoolgate.tasks.cohorts import Cohort

pytestmark = pytest.mark.django_db

REACH = timedelta(days=92)


def entry(base, number, **more):
    run = cast.run(base)
    told = {
        "task_name": f"Task {number % 3}",
        "data_type": "snapshot",
        "cohort": "All",
        "status": "exported",
        "logged_at": cast.NOW + timedelta(minutes=number // 2),
        "file_name": f"{base.dfe_number}_CES_820LLLL_{number:03}.xml",
        **more,
    }
    return TaskLogEntry.objects.create(base=base, run=run, **told)


@pytest.fixture
def entries():
    first, second = cast.base(), cast.base("Marsh Lane")
    made = [entry(first if number % 2 else second, number) for number in range(25)]
    made.append(
        entry(
            first,
            25,
            status="failed",
            cohort="NCY R",
            task_name="Other",
            exception_details="The secret expired.",
        )
    )
    return made


def pages(filters, *, size):
    page = log.log_page(EVERYTHING, filters, size=size)
    yield page
    while page.older:
        page = log.log_page(EVERYTHING, filters, size=size, before=page.older)
        yield page


def test_gives_every_row_once_however_many_pages(entries):
    newest_first = [
        each.pk for each in sorted(entries, key=lambda row: (row.logged_at, row.pk), reverse=True)
    ]
    for size in (1, 4, 7, 26, 50):
        found = list(pages(log.LogFilters(), size=size))
        assert [row.pk for page in found for row in page.rows] == newest_first
        back = [found[-1]]
        while back[-1].newer:
            back.append(log.log_page(EVERYTHING, log.LogFilters(), size=size, after=back[-1].newer))
        assert {row.pk for page in back for row in page.rows} == set(newest_first)


def test_begins_anew_from_a_mark_it_can_not_read(entries):
    assert (
        log.log_page(EVERYTHING, log.LogFilters(), size=3, before="nonsense").rows
        == log.log_page(EVERYTHING, log.LogFilters(), size=3).rows
    )


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"status": "failed"}, 1),
        ({"cohort": "NCY R"}, 1),
        ({"task": "task 1"}, 8),
        ({"text": "marsh"}, 13),
        ({"text": "SECRET expired"}, 1),
        ({"text": "nowhere"}, 0),
        ({"base": "marsh"}, 13),
        ({"base": "nowhere"}, 0),
        ({"base": "marsh", "text": "secret"}, 0),
        ({"data_type": "changed_data"}, 0),
        ({"from_on": date(2026, 11, 24)}, 0),
        ({"from_on": date(2026, 11, 23), "until_on": date(2026, 11, 24)}, 26),
    ],
)
def test_narrows_by_each_of_its_filters(entries, filters, count):
    asked = log.LogFilters(**filters)
    assert log.task_log(EVERYTHING, asked).count() == count
    assert log.log_count(EVERYTHING, asked) == log.LogCount(count=count)


def test_finds_a_file_by_how_its_name_begins(entries):
    assert [row.pk for row in log.task_log(EVERYTHING, log.LogFilters(text=entries[3].file_name))] == [
        entries[3].pk
    ]


def test_estimates_beyond_the_bound(entries, monkeypatch):
    monkeypatch.setattr(log, "COUNTED_EXACTLY", 10)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE task_log")
    found = log.log_count(EVERYTHING, log.LogFilters())
    assert found.is_estimate
    assert found.count == 26


@pytest.mark.parametrize("bound", [5, 10_000])
def test_asks_one_question_for_the_count_exact_or_not(entries, monkeypatch, bound):
    monkeypatch.setattr(log, "COUNTED_EXACTLY", bound)
    with CaptureQueriesContext(connection) as asked:
        assert log.log_count(EVERYTHING, log.LogFilters()).is_estimate == (bound == 5)
    assert len(asked) == 1


def test_streams_the_log_as_csv_that_no_spreadsheet_takes_for_formulas(entries, monkeypatch):
    monkeypatch.setattr(log, "CHUNK", 4)
    TaskLogEntry.objects.filter(pk=entries[-1].pk).update(task_name="=cmd()")
    pieces = list(log.log_csv(EVERYTHING, log.LogFilters()))
    assert len(pieces) > 6
    rows = list(csv.DictReader(io.StringIO("".join(pieces).removeprefix("\ufeff"))))
    assert len(rows) == 26
    assert rows[0]["Scheduled Task Name"] == "'=cmd()"
    assert rows[0]["Exception Details"] == "The secret expired."
    assert rows[1]["Exception Details"] == "No Exceptions"
    assert rows[0]["Date Logged"] == "23/11/2026 08:42:00"
    assert (rows[1]["Status"], rows[1]["Data Type"]) == ("Successfully Exported", "Snapshot Data")


def test_lists_cohorts_without_reading_every_row(entries):
    assert log.cohorts_in_log(EVERYTHING) == ["All", "NCY R"]


def test_moves_a_run_to_the_front_and_its_job_with_it():
    runs = [cast.run(cast.base(f"School {number}"), priority=number) for number in (5, 0, 10)]
    for run in runs:
        engine.enqueue(run.pk)
    assert move_to_front(runs[1].pk, by=None, now=cast.NOW)
    assert [row.run_id for row in queue(EVERYTHING, now=cast.NOW)] == [runs[1].pk, runs[2].pk, runs[0].pk]
    first = ProcrastinateJob.objects.filter(status="todo").order_by("-priority", "id").first()
    assert first.args == {"run_id": runs[1].pk}


def test_shows_the_queue_in_its_order_with_what_each_waits_for():
    base = cast.base()
    working, waiting = cast.run_at_work(base), cast.run(base)
    assert take_up(waiting.pk, stage=Stage.COLLECTING, worker="w", now=cast.NOW) is None
    due = cast.run(cast.base("Marsh Lane"))
    rows = queue(EVERYTHING, now=cast.NOW + timedelta(seconds=90))
    assert [(row.run_id, row.position, row.waits_for) for row in rows] == [
        (working.pk, 0, ""), (waiting.pk, 1, "another run of this base"), (due.pk, 2, "a free worker")
    ]  # fmt: skip
    assert rows[0].running_seconds == 90
    assert rows[0].worker
    assert [row.run_id for row in queue(EVERYTHING, now=cast.NOW, limit=1, offset=1)] == [waiting.pk]
    assert queue_counts(EVERYTHING) == {"due": 1, "waiting": 1, "collecting": 1, "landing": 0}
    assert not move_to_front(working.pk, by=None, now=cast.NOW)


def test_keeps_the_cohort_a_run_was_planned_for():
    task = cast.task(cast.base())
    task.is_looked_after_only = True
    task.save()
    run = cast.run(task.memberships.get().base, task=task)
    assert (run.nc_years, run.filters) == ([], {"is_looked_after_only": True})
    asked = plan_run(
        base_id=run.base_id, origin=Origin.AD_HOC, data_type="snapshot", cohort=Cohort(nc_years=("R",)), planned_at=cast.NOW, now=cast.NOW
    )  # fmt: skip
    assert (asked.nc_years, asked.filters) == (["R"], {})


def test_reads_everything_once_when_historic_send_is_no_longer_left_out():
    base = cast.base()
    run = cast.run_at_work(base, data_type="changed_data")
    Run.objects.filter(pk=run.pk).update(filters={"is_historic_send_left_out": True})
    finish_run(run.pk, attempt=1, accounts={}, now=cast.NOW)
    again, last = locked_with_base(cast.run(base, data_type="changed_data").pk)
    again.filters = {"is_historic_send_left_out": True}
    assert choose_since(again, last, now=cast.NOW, reach=REACH).since_at is not None
    again.filters = {}
    later = choose_since(again, last, now=cast.NOW, reach=REACH).since_at
    assert later is None or later < run.read_started_at


def test_takes_what_a_filter_left_out_for_information_and_not_for_an_exception():
    run = cast.run_at_work(cast.base())
    told = Problem(kind="left out", code="collecting.historic_send", sentence="3 old records were left out.")
    finish_run(run.pk, attempt=1, accounts={}, exceptions=[told], now=cast.NOW)
    run.refresh_from_db()
    assert run.status == "nothing_changed"
    assert RunException.objects.get().kind == "left out"
    assert TaskLogEntry.objects.get().exception_details == ""


def test_finds_the_newest_run_of_every_task_and_base():
    base, other = cast.base(), cast.base("Marsh Lane")
    task = cast.task(base, other)
    for day in range(3):
        newest = cast.run(base, task=task, planned_at=cast.NOW + timedelta(days=day))
    assert newest_of([(task.pk, base.pk)]) == {(task.pk, base.pk): newest}
