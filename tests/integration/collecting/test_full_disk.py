"""A full disk: a run says so, leaves all as it was, goes on when there is room, is counted when none comes."""

from __future__ import annotations

import errno
from collections.abc import Callable

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg.errors import DiskFull
from tests import cast
from tests.landing import ADDRESS, file_of, has_hash, message, planned, pupil

from schoolgate.audit.models import RecordChange
from schoolgate.blocks.models import CachedHashes
from schoolgate.collecting import jobs
from schoolgate.importing import jobs as importing_jobs
from schoolgate.importing import writing
from schoolgate.lib import clock
from schoolgate.pupils.models import Pupil
from schoolgate.runs import carrying_out
from schoolgate.runs.models import Run, TaskLogEntry
from schoolgate.runs.rules import MOST_RETRIES
from schoolgate.scheduling.rescue import requeue_lost_runs

pytestmark = pytest.mark.django_db(transaction=True)


def database_full(*_: object, **__: object) -> None:
    raise OperationalError("could not extend file") from DiskFull()


def copy_full(*_: object, **__: object) -> None:
    raise DiskFull("could not extend file")


def no_connection(*_: object, **__: object) -> None:
    raise OperationalError from psycopg.OperationalError("FATAL:  could not write: No space left on device")


def folder_full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def half_landed(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose landing has filled the disk half-way."""
    base = cast.base()
    run = planned(base, message(base, pupil("twin one", address=ADDRESS)))
    with monkeypatch.context() as patch:
        patch.setattr(writing, "record_changes", database_full)
        importing_jobs.land_run(run_id=run.pk)
    run.refresh_from_db()
    return run


def test_waits_for_room_and_keeps_nothing_that_landed_by_halves(monkeypatch):
    run = half_landed(monkeypatch)
    assert (run.stage, run.waits_for) == ("waiting", "room on the disk")
    assert run.waits_until is not None
    assert not any(each.objects.exists() for each in (Pupil, CachedHashes, RecordChange))
    waiting = ProcrastinateJob.objects.get(args__run_id=run.pk, status="todo")
    assert (waiting.task_name, waiting.scheduled_at) == (importing_jobs.land_run.name, run.waits_until)


def test_lands_what_waited_once_there_is_room(monkeypatch):
    run = half_landed(monkeypatch)
    importing_jobs.land_run(run_id=run.pk)
    run.refresh_from_db()
    assert run.status == "exported"
    assert file_of(run).status == "completed"
    assert has_hash(run.base, "twin one", "address")


@pytest.mark.parametrize(
    "fills",
    [database_full, copy_full, folder_full],
    ids=["the database's", "the database's, in a COPY", "the server's own"],
)
def test_ends_with_a_plain_sentence_when_no_room_comes(monkeypatch, fills: Callable[..., None]):
    run = cast.run(cast.base())
    monkeypatch.setattr(jobs, "collect", fills)
    Run.objects.filter(pk=run.pk).update(retries=MOST_RETRIES)
    jobs.collect_run(run_id=run.pk)
    run.refresh_from_db()
    assert (run.stage, run.status, run.exception_code) == ("failed", "failed", "disk.full")
    logged = TaskLogEntry.objects.get(run=run)
    assert "There is no room left on the disk" in logged.exception_details
    assert "make room" in logged.exception_details


def test_tries_again_where_the_disk_is_too_full_even_for_a_note(monkeypatch):
    run = cast.run(cast.base())
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "collect", database_full)
        patch.setattr("schoolgate.runs.full_disk.wait_for_retry", no_connection)
        jobs.collect_run(run_id=run.pk)
        patch.setattr(carrying_out, "take_up", no_connection)
        jobs.collect_run(run_id=run.pk)
    assert requeue_lost_runs(now=clock.now()) == 1
    assert ProcrastinateJob.objects.get(args__run_id=run.pk).status == "todo"


def test_lets_other_failures_be_seen_as_what_they_are(monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(jobs, "collect", broken)
    run = cast.run(cast.base())
    with pytest.raises(OSError, match="Input/output"):
        jobs.collect_run(run_id=run.pk)


def test_tells_an_officer_that_the_disk_is_full(monkeypatch):
    run = cast.run(cast.base())
    monkeypatch.setattr("schoolgate.console.runs.queue.request_cancel", database_full)
    client = Client()
    client.force_login(cast.officer())
    answer = client.post(f"/runs/{run.pk}/cancel/")
    assert answer.status_code == 507
    assert "Nothing of what you sent was changed" in answer.content.decode()
