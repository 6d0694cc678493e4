"""Moves runs into this release's columns, as an installation is brought up to date."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from tests import cast

from schoolgate.runs.intake import Intake, Landed, intake_from
from schoolgate.runs.models import Run
from schoolgate.runs.rules import Problem, Terms

pytestmark = pytest.mark.django_db

OLD: dict[str, Any] = {
    "pages": 4,
    "domain": "Learners",
    "page": 2,
    "met": [["source.busy", "429"]],
    "lost_from": "2026-05-07T02:10:00+00:00",
    "sifted": {"address": {"received": 3, "left_out": 1, "unchanged": 2}},
    "problems": [{"kind": "refused", "code": "x", "sentence": "s", "pupil_id": None, "line": None}],
    "beside_cohort": ["p-007"],
    "landed": {
        "terms": {"address": {"received": 1, "written": 1, "unmatched": 0}},
        "failed": ["p-009"],
        "is_complete": False,
        "pupils": 1,
    },
}


def carried_out(migration: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(getattr(import_module(f"schoolgate.runs.migrations.{migration}"), statement))


def brought_up_to_date(progress: dict[str, Any], **row: object) -> Run:
    run = cast.run(cast.base())
    Run.objects.filter(pk=run.pk).update(progress=progress, **row)
    carried_out("0004_owed_and_shown", "TAKE_ALONG")
    run.refresh_from_db()
    return run


def test_takes_along_what_a_run_under_way_owes():
    run = brought_up_to_date(OLD, stage="landing")
    assert intake_from(run.intake) == Intake(
        terms={"address": Terms(received=3, left_out=1, unchanged=2)},
        problems=(Problem(kind="refused", code="x", sentence="s"),),
        beside_cohort=("p-007",),
        landed=Landed(
            terms={"address": Terms(received=1, written=1)},
            failed=frozenset({"p-009"}),
            is_complete=False,
            pupils=1,
        ),
    )
    assert (run.met, run.lost_from_at) == ([["source.busy", "429"]], datetime(2026, 5, 7, 2, 10, tzinfo=UTC))
    assert run.progress == {"pages": 4, "domain": "Learners"}


def test_leaves_a_run_to_read_its_source_that_had_not_collected():
    run = brought_up_to_date({"pages": 4, "met": [["source.busy", "429"]]}, stage="waiting")
    assert (run.intake, run.met) == (None, [["source.busy", "429"]])


def test_leaves_a_received_file_to_land():
    assert brought_up_to_date({}, stage="due", origin="upload").intake is not None


@pytest.mark.parametrize("stage", ["done", "failed", "cancelled"])
def test_keeps_of_runs_that_have_ended_what_they_showed(stage):
    run = brought_up_to_date(OLD, stage=stage)
    assert (run.intake, run.progress) == (None, {"pages": 4, "domain": "Learners"})


def test_knows_a_task_that_was_deleted_since_by_its_name_a_last_time():
    base = cast.base()
    task = cast.task(base)
    of_task, ad_hoc = cast.run(base, task=task), cast.run(base)
    orphaned = cast.run(base, task=cast.task(base, name="Gone"))
    orphaned.task.delete()
    Run.objects.update(is_of_task=False)
    carried_out("0005_of_task", "OF_A_TASK")
    told = dict(Run.objects.values_list("pk", "is_of_task"))
    assert told == {of_task.pk: True, ad_hoc.pk: False, orphaned.pk: True}
