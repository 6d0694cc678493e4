"""How far a run is shown to be, and how it hears that it should stop."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast as told

import pytest
from tests import cast

from schoolgate.collecting.milestones import CancelWanted, Milestones
from schoolgate.connectors.port import Reading, Source
from schoolgate.runs.actions import request_cancel
from schoolgate.runs.models import Run

pytestmark = pytest.mark.django_db

READING = Reading(key="whole", domain="Learners", first_link="https://api.example/Learners")
SOURCE = told("Source", SimpleNamespace(calls=7))


def milestones_of(run: Run, *moments: float) -> Milestones:
    clock = iter(moments)
    return Milestones(run, source=SOURCE, monotonic=lambda: next(clock))


def test_shows_how_far_a_run_is_every_half_second() -> None:
    run = cast.run_at_work(cast.base())
    milestones = milestones_of(run, 0.0, 0.4, 0.6, 0.9)
    milestones.note_pupils(40)
    milestones.passed(READING)
    run.refresh_from_db()
    assert run.progress == {}
    milestones.passed(READING)
    milestones.passed(READING)
    run.refresh_from_db()
    assert run.progress == {"pages": 2, "calls": 7, "pupils": 40, "domain": "Learners"}


def test_stops_between_two_pages_when_somebody_wishes_so() -> None:
    run = cast.run_at_work(cast.base())
    milestones = milestones_of(run, 0.0, 0.6, 1.2)
    milestones.passed(READING)
    request_cancel(run.pk, by=None, now=cast.NOW)
    with pytest.raises(CancelWanted):
        milestones.passed(READING)
