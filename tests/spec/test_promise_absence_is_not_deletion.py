"""# Absence is not deletion

A partial, empty or failed read removes nothing. Only an explicit delete or a leaving date ends anything;
whoever is missing from a complete roll is shown to a person, once, and nothing is touched.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import ADDRESS, codes, has_hash, held, land, land_bodies, message, pupil

from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import Pupil

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
MUCH_LATER = cast.NOW + timedelta(days=2)


@pytest.fixture
def base():
    made = cast.base()
    enrolment = [{"school_dfe_number": made.dfe_number, "entry_on": "2023-09-05", "nc_year": "3"}]
    land(
        made,
        pupil(
            "twin one", address=ADDRESS, enrolments=enrolment, sen_needs=[{"rank": 1, "need_type": "SLCN"}]
        ),
        pupil("twin two", address=ADDRESS, enrolments=enrolment),
        is_complete=True,
    )
    return made


def record(base, who="twin one"):
    return [held(base, who, group) for group in ("address", "enrolments", "sen_needs")]


def test_a_file_with_nobody_in_it_removes_nobody(base):
    before = record(base)
    land(base, roll={}, now=LATER)
    assert record(base) == before
    assert Pupil.objects.filter(is_active=True).count() == 2


def test_a_file_cut_off_half_way_removes_nothing(base):
    before = record(base)
    body = message(base, pupil("twin two"), is_complete=True)
    run = land_bodies(base, body[:-20], now=LATER)
    assert run.stage == "failed"
    assert record(base) == before
    assert set(ExternalId.objects.values_list("roll_state", flat=True)) == {"Current"}


def test_a_group_that_is_not_sent_stays(base):
    before = record(base)
    land(base, pupil("twin one"), now=LATER)
    assert record(base) == before


def test_a_pupil_missing_from_a_complete_roll_is_shown_once_and_keeps_everything(base):
    before = record(base)
    run = land(base, roll={"p-002": "Current"}, is_complete=True, declared=1, now=LATER)
    assert codes(run) == ["roll.absent"]
    shown = run.exceptions.get()
    assert (shown.kind, shown.external_id) == ("held", "p-001")
    assert record(base) == before
    assert has_hash(base, "twin one", "address")
    again = land(base, roll={"p-002": "Current"}, is_complete=True, declared=1, now=MUCH_LATER)
    assert codes(again) == []


def test_others_go_on_while_a_removal_is_held(base):
    run = land(base, pupil("twin two", address={"town": "Ilkley"}), is_complete=True, declared=1, now=LATER)
    assert codes(run) == ["roll.absent"]
    assert held(base, "twin two", "address") == {"town": "Ilkley"}


def test_a_roll_shorter_than_the_source_declared_says_nothing_about_who_is_missing(base):
    run = land(base, roll={"p-002": "Current"}, is_complete=True, declared=2, now=LATER)
    assert codes(run) == []


def test_an_explicit_delete_removes_that_group_alone(base):
    land(base, pupil("twin one", with_identity=False, deleted=["sen_needs"]), now=LATER)
    assert held(base, "twin one", "sen_needs") is None
    assert held(base, "twin one", "address") == ADDRESS


def test_a_leaving_date_lands_and_ends_nothing_else(base):
    left = [{**held(base, "twin one", "enrolments")[0], "leaving_on": "2026-11-20"}]
    run = land(base, pupil("twin one", enrolments=left), roll={"p-001": "Leaver"}, now=LATER)
    assert held(base, "twin one", "enrolments") == left
    assert held(base, "twin one", "address") == ADDRESS
    assert run.status == "exported"
