"""# A hash is remembered only after its block landed

A failed, refused or unmatched block stays on the outstanding list until it lands.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import (
    ADDRESS,
    OTHER_ADDRESS,
    enrolled,
    has_hash,
    held,
    keys,
    land,
    message,
    planned,
    pupil,
    who_is,
)

from schoolgate.blocks.actions import forget
from schoolgate.blocks.models import CachedHashes
from schoolgate.blocks.queries import known_hashes, outstanding
from schoolgate.importing import writing
from schoolgate.importing.actions import land_run
from schoolgate_message import groups
from schoolgate_message.blocks import content_hash

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
MUCH_LATER = cast.NOW + timedelta(days=2)


def test_the_hash_of_a_landed_block_is_remembered_by_base_pupil_and_group():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    hashes = known_hashes(base.pk, source=base.source)[who_is(base, "p-001")]
    assert hashes[groups.ADDRESS.number - 1] == content_hash(groups.ADDRESS, ADDRESS)


def test_no_hash_is_remembered_when_the_landing_fails(monkeypatch):
    base = cast.base()
    run = planned(base, message(base, pupil("twin one", address=ADDRESS)))
    monkeypatch.setattr(writing, "settle_outstanding", None)
    with pytest.raises(TypeError):
        land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    assert not CachedHashes.objects.exists()


def test_a_refused_block_is_not_remembered_and_stays_outstanding_until_it_lands():
    base = cast.base()
    land(base, pupil("twin one", ethnicity_language={"ethnicity": "QQQ"}))
    assert not has_hash(base, "twin one", "ethnicity_language")
    assert outstanding(base.pk, source=base.source) == [("p-001", "ethnicity_language", "item.unknown_code")]
    land(base, pupil("twin one", ethnicity_language={"ethnicity": "WBRI"}), now=LATER)
    assert has_hash(base, "twin one", "ethnicity_language")
    assert outstanding(base.pk, source=base.source) == []


def test_a_block_refused_after_one_that_landed_is_no_longer_known_as_landed():
    base = cast.base()
    land(base, pupil("twin one", ethnicity_language={"ethnicity": "WBRI"}))
    land(base, pupil("twin one", ethnicity_language={"ethnicity": "QQQ"}), now=LATER)
    assert held(base, "twin one", "ethnicity_language") == {"ethnicity": "WBRI"}
    assert not has_hash(base, "twin one", "ethnicity_language")


def test_an_unmatched_pupil_stays_outstanding_with_every_group_until_a_person_settles_it():
    base, other = cast.base(), cast.base("Beckside Primary")
    land(base, pupil("twin one"))
    wrong = keys("an apostrophe", upn=keys("twin one").upn)
    land(other, pupil(wrong, address=ADDRESS), now=LATER)
    assert [group for _, group, _ in outstanding(other.pk, source=other.source)] == [
        "address",
        "basic_details",
        "identifiers",
    ]
    land(other, pupil("an apostrophe", address=ADDRESS), now=MUCH_LATER)
    assert outstanding(other.pk, source=other.source) == []


def test_another_base_that_writes_forgets_and_one_that_agrees_does_not():
    main, subsidiary = cast.base(), cast.base("Beckside Primary")
    there = keys("on two rolls", external_id="x-1")
    land(main, pupil("on two rolls", address=ADDRESS))
    land(subsidiary, pupil(there, address=ADDRESS), now=LATER)
    assert has_hash(main, "on two rolls", "address")
    moved = [enrolled(subsidiary, entry_on="2026-11-20")]
    land(subsidiary, pupil(there, address=OTHER_ADDRESS, enrolments=moved), now=MUCH_LATER)
    assert not has_hash(main, "on two rolls", "address")
    assert has_hash(main, "on two rolls", "basic_details")


def test_facts_of_a_pupil_at_a_base_are_nobody_elses_to_forget():
    main, subsidiary = cast.base(), cast.base("Beckside Primary")
    land(main, pupil("on two rolls", enrolments=[{"nc_year": "3"}]))
    land(subsidiary, pupil(keys("on two rolls", external_id="x-1"), enrolments=[{"nc_year": "4"}]), now=LATER)
    assert has_hash(main, "on two rolls", "enrolments")


def test_an_officers_edit_forgets_at_every_base():
    main, subsidiary = cast.base(), cast.base("Beckside Primary")
    land(main, pupil("on two rolls", address=ADDRESS))
    land(subsidiary, pupil(keys("on two rolls", external_id="x-1"), address=ADDRESS), now=LATER)
    forget(pupil_ids=[who_is(main, "p-010")], groups=["address"], now=MUCH_LATER)
    for base in (main, subsidiary):
        hashes = known_hashes(base.pk, source=base.source)[who_is(main, "p-010")]
        assert hashes[groups.ADDRESS.number - 1] is None
