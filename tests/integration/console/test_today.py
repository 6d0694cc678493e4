"""Today: each active base stands in one of four places, by its newest runs and its newest landing."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from tests import cast

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.bases.models import Base
from schoolgate.console.today.board import board
from schoolgate.runs.models import Run
from schoolgate.runs.standing import LOOK_BACK, SILENT_AFTER, standing

pytestmark = pytest.mark.django_db

NOW = cast.NOW
BUFFER = timedelta(minutes=60)
STAGES = ("done", "done", "failed", "due", "waiting", "cancelled")


def _run(base: Base, *, stage: str, at: datetime, data_type: str = "snapshot", status: str = "") -> Run:
    ended = at + timedelta(seconds=9) if stage in {"done", "failed", "cancelled"} else None
    return Run.objects.create(
        base=base, task_name="Nightly", origin="task", data_type=data_type, planned_at=at, stage=stage,
        status=status, finished_at=ended, exception_code="source.gone" if stage == "failed" else "",
    )  # fmt: skip


def _landed_at(base: Base) -> datetime | None:
    runs = Run.objects.filter(base=base, stage="done")
    return max((run.finished_at for run in runs if run.finished_at is not None), default=None)


def _place(base: Base) -> tuple[str, set[int]]:
    """The reference: where a base stands, and which runs trouble it, by looking at each of its runs."""
    of_late = [
        run
        for run in Run.objects.filter(base=base).order_by("id")
        if NOW - LOOK_BACK <= run.planned_at <= NOW
        and (
            run.stage in {"done", "failed"}
            or (run.stage in {"due", "waiting"} and run.planned_at < NOW - BUFFER)
        )
    ]
    newest = {run.data_type: run for run in of_late}
    troubles = {run.pk for run in newest.values() if run.stage != "done"}
    landed_at = _landed_at(base)
    if troubles:
        return "needs you", troubles
    if landed_at is None:
        return "new", set()
    return ("silent" if NOW - landed_at > SILENT_AFTER else "well"), set()


@pytest.mark.parametrize("seed", range(4))
def test_places_every_base_as_a_look_at_each_run_does(seed):
    dice = random.Random(seed)
    bases = [cast.base(f"Base {number}") for number in range(14)]
    for base in bases:
        runs = [
            (NOW - timedelta(minutes=dice.choice((5, 50, 70, 2_000, 7_000, 30_000))), dice.choice(STAGES))
            for _ in range(dice.randrange(5))
        ]
        for at, stage in sorted(runs):
            _run(base, stage=stage, at=at, data_type=dice.choice(("snapshot", "changed_data")))
    found = standing(EVERYTHING, now=NOW, buffer=BUFFER)
    places = {
        "well": found.up_to_date,
        "needs you": found.need_you,
        "silent": found.silent,
        "new": found.not_started,
    }
    for base in bases:
        place, troubles = _place(base)
        assert [name for name, ids in places.items() if base.pk in ids] == [place]
        told = {each.run_id for cause in found.causes for each in cause.troubles if each.base_id == base.pk}
        assert told == troubles
    some = [base.pk for base in bases[:3]]
    of_some = standing(EVERYTHING, now=NOW, buffer=BUFFER, base_ids=some)
    assert sorted(of_some.names) == some
    assert of_some.need_you == found.need_you & set(some)
    for base in bases[:3]:
        assert of_some.landed_at.get(base.pk) == _landed_at(base)


def test_leaves_out_of_the_whole_picture_a_base_that_is_not_active():
    closed = cast.base("Closed Primary")
    Base.objects.filter(pk=closed.pk).update(is_active=False)
    assert standing(EVERYTHING, now=NOW, buffer=BUFFER).names == {}
    assert standing(EVERYTHING, now=NOW, buffer=BUFFER, base_ids=[closed.pk]).names == {
        closed.pk: "Closed Primary"
    }


def test_draws_a_square_for_each_day_and_leads_to_the_rows_behind_the_words():
    base, other = cast.base("Ashgrove & Co"), cast.base("Beckside Primary")
    _run(base, stage="done", at=NOW - timedelta(days=1), status="exported")
    _run(base, stage="failed", at=NOW - timedelta(hours=6))
    _run(other, stage="done", at=NOW - timedelta(days=2), status="nothing_changed")
    found = board(
        cast.officer(), {base.pk: base.name}, silent_since={}, now=NOW, buffer=BUFFER, is_log_open=True
    )
    [row] = found.rows
    assert row.states[-2:] == ["landed", "failed"]
    assert set(row.states[:-2]) == {"not-due"}
    assert row.note == "1 day failed"
    assert row.note_href == f"/bases/{base.pk}/log/?from_on=2026-11-10&status=failed"
    drawn = found.squares(row)
    assert drawn.count("<use ") == 14
    assert '<use href="#square-failed" x="260"><title>Monday 23 November: failed</title></use>' in drawn
    closed = board(cast.officer(), {base.pk: base.name}, silent_since={}, now=NOW, buffer=BUFFER)
    assert closed.rows[0].note_href == ""


def test_lists_the_bases_behind_each_number_of_the_sentence(client):
    well, needs = cast.base("Ashgrove Primary"), cast.base("Beckside Primary")
    _run(well, stage="done", at=NOW - timedelta(hours=6), status="exported")
    _run(needs, stage="failed", at=NOW - timedelta(hours=6))
    client.force_login(cast.administrator())
    monday = pytest.MonkeyPatch()
    with monday.context() as patch:
        patch.setattr("schoolgate.lib.clock.now", lambda: NOW)
        page = client.get("/?show=well").content.decode()
    assert 'href="?show=well#board">1 of 2 bases</a> is up to date' in page
    rows = page[page.index('id="board"') :]
    assert "Ashgrove Primary" in rows
    assert "Beckside Primary" not in rows
