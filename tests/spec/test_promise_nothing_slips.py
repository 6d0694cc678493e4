"""# Nothing slips between two runs

"Changed since" belongs to a task and a base: the start of that task's last successful run there. Only its own
success moves it. What the source no longer remembers is said, and everything is read where nothing was before.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast

from schoolgate.runs.actions import fail_run, finish_unchanged
from schoolgate.runs.intake import Sifted
from schoolgate.runs.models import RunException

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
NOTHING_NEW = Sifted(terms={}, pupils_read=0, pupils_declared=None, is_complete_read=True)


def begun(base, *, at, **what):
    """A run that began to read at this moment."""
    return cast.run_at_work(base, now=at, planned_at=at, **what)


def done(run, *, at):
    finish_unchanged(run, sifted=NOTHING_NEW, now=at)


def failed(run, *, at):
    words = {"code": "source.hang", "sentence": "It hung.", "remedy": "Wait."}
    fail_run(run.pk, attempt=run.attempt, now=at, **words)


@pytest.fixture
def base():
    return cast.base(moved_at=cast.NOW - timedelta(days=400))


@pytest.fixture
def task(base):
    return cast.task(base)


def test_a_task_s_first_run_reads_everything(base, task):
    assert begun(base, at=cast.NOW, task=task).since_at is None


def test_a_task_s_first_run_after_a_recent_move_reads_from_the_move():
    moved_at = cast.NOW - timedelta(days=40)
    base = cast.base("Beckside Primary", moved_at=moved_at)
    assert begun(base, at=cast.NOW, task=cast.task(base)).since_at == moved_at


def test_the_next_run_reads_from_when_the_last_success_began_and_not_from_its_end(base, task):
    done(begun(base, at=cast.NOW, task=task), at=cast.NOW + 2 * HOUR)
    assert begun(base, at=cast.NOW + 3 * HOUR, task=task).since_at == cast.NOW


def test_a_run_that_failed_moves_nothing(base, task):
    done(begun(base, at=cast.NOW, task=task), at=cast.NOW + HOUR)
    failed(begun(base, at=cast.NOW + 2 * HOUR, task=task), at=cast.NOW + 3 * HOUR)
    assert begun(base, at=cast.NOW + 4 * HOUR, task=task).since_at == cast.NOW


def test_the_success_of_another_task_moves_nothing(base, task):
    done(begun(base, at=cast.NOW, task=task), at=cast.NOW + HOUR)
    other = cast.task(base, name="Another")
    done(begun(base, at=cast.NOW + 2 * HOUR, task=other), at=cast.NOW + 3 * HOUR)
    assert begun(base, at=cast.NOW + 4 * HOUR, task=task).since_at == cast.NOW


def test_what_the_source_no_longer_remembers_is_said_and_a_snapshot_offered(base, task):
    done(begun(base, at=cast.NOW, task=task), at=cast.NOW + HOUR)
    much_later = cast.NOW + timedelta(days=200)
    run = begun(base, at=much_later, task=task)
    assert cast.NOW < run.since_at < much_later
    done(run, at=much_later + HOUR)
    told = RunException.objects.get(run=run)
    assert told.code == "since.gap"
    assert "snapshot" in told.remedy
