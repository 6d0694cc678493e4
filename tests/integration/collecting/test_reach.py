"""How far back changes are read: as far as the source answers, by what officers have set, read once a run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import cast

from schoolgate.collecting import jobs
from schoolgate.collecting.officers import set_source_setting
from schoolgate.lib import clock
from schoolgate.runs.models import Run, Since

pytestmark = pytest.mark.django_db(transaction=True)


def run_after_a_month() -> Run:
    """A run whose task last succeeded thirty days ago, at a base that moved long before."""
    now = clock.now()
    base = cast.base(moved_at=now - timedelta(days=400))
    task = cast.task(base)
    Since.objects.create(
        base=base, task=task, data_type=task.data_type, since_at=now - timedelta(days=30), run_id=1
    )
    return cast.run(base, task=task)


@pytest.fixture
def collected(monkeypatch):
    """The runs handed on to collecting, each after asking for its source."""
    seen: list[Run] = []

    def ask_for_the_source(run, *, make_source):
        seen.append(run)
        make_source(run.base).close()

    monkeypatch.setattr(jobs, "collect", ask_for_the_source)
    return seen


def test_goes_back_to_the_last_success_within_the_sources_reach(collected):
    jobs.collect_run(run_id=run_after_a_month().pk)
    since_at, lost_from_at = collected[0].since_at, collected[0].lost_from_at
    assert clock.now() - since_at == pytest.approx(timedelta(days=30), abs=timedelta(minutes=5))
    assert lost_from_at is None


def test_goes_back_no_farther_than_an_administrator_says_the_source_does(collected):
    set_source_setting("sims_primary", name="reach_back_days", value="7", by=None, now=clock.now())
    jobs.collect_run(run_id=run_after_a_month().pk)
    since_at, lost_from_at = collected[0].since_at, collected[0].lost_from_at
    assert clock.now() - since_at == pytest.approx(timedelta(days=7), abs=timedelta(minutes=5))
    assert clock.now() - lost_from_at == pytest.approx(timedelta(days=30), abs=timedelta(minutes=5))


def test_reads_once_what_officers_have_set(collected):
    run = run_after_a_month()
    with CaptureQueriesContext(connection) as asked:
        jobs.collect_run(run_id=run.pk)
    assert len(collected) == 1
    assert sum("source_setting" in each["sql"] for each in asked.captured_queries) == 1
