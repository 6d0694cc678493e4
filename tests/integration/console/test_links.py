"""Who is who, as an officer reads it: when a school's id was linked, changed on the roll, and ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import ADDRESS, land, pupil, who_is

from schoolgate.matching.actions import end_links
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.rules import OTHER_CHILD

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)


@pytest.fixture
def base():
    return cast.base()


@pytest.fixture
def reads(client):
    client.force_login(cast.officer())
    return lambda path: " ".join(client.get(path).content.decode().split())


def test_tells_the_life_of_an_id_on_the_pupils_timeline(base, reads):
    land(base, pupil("twin one"))
    land(base, roll={"p-001": "Leaver"}, now=LATER)
    pupil_id = who_is(base, "p-001")
    end_links(
        ["p-001"], on=Occasion(base_id=base.pk, source="sims_primary", now=LATER), why=OTHER_CHILD, by=None
    )
    page = reads(f"/pupils/{pupil_id}/timeline/")
    for words in (
        "School&#39;s id added",
        "<strong>p-001 (sims primary)</strong> is new to the register, on the roll",
        "School&#39;s id changed",
        "<strong>p-001 (sims primary)</strong> was on the roll, is now left",
        "School&#39;s id ended",
        "was this pupil&#39;s, is now used for another child",
    ):
        assert words in page


def test_counts_a_runs_links_apart_from_its_blocks_and_opens_their_list(base, reads):
    run = land(base, pupil("twin one", address=ADDRESS), pupil("twin two", address=ADDRESS))
    page = reads(f"/runs/{run.pk}/changes/")
    assert "6 blocks written" in page
    assert "2 ids linked" in page
    assert "p-001 (sims primary)" not in page
    assert "p-001 (sims primary)" not in reads(f"/runs/{run.pk}/")
    listed = reads(f"/runs/{run.pk}/changes/?group=link")
    assert "2 changes of who is who" in listed
    assert "p-002 (sims primary)" in listed
