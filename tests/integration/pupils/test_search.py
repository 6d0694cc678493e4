"""The search finds a pupil however the name is typed, whatever wrote or changed it."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast
from tests.landing import keys, land, pupil, who_is

from schoolgate.lib.folding import fold
from schoolgate.pupils.access import search
from schoolgate.pupils.actions import Source, add_pupils, write_blocks
from schoolgate.pupils.folding import NAMES
from schoolgate.pupils.models import BasicDetails
from schoolgate_message import groups

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
SOURCE = Source(base_id=1, run_id=None, written_at=cast.NOW)
ZOE = keys("twin one", given_name="Zoë", family_name="O'Neill-Łukasiewicz")


def held(**names: str) -> int:
    """A pupil of these names, written as a landing writes."""
    [pupil_id] = add_pupils(1, run_id=None, now=cast.NOW)
    write_blocks(groups.BASIC_DETAILS, added={pupil_id: names}, changed={}, source=SOURCE)
    return pupil_id


def as_the_release_before_wrote(pupil_id: int) -> None:
    BasicDetails.objects.filter(pupil_id=pupil_id).update(names_folded=None)


@pytest.mark.parametrize(
    "text",
    [
        "Zoe",
        "zoë",
        "ZOË",
        "O Neill",
        "oneill",
        "O’Neill",
        "Neill",
        "lukasiewicz zoe",
        "Łukasiewicz",
        "Zoe 9/3/2017",
    ],
)
def test_finds_a_landed_pupil_whatever_the_accents_and_apostrophes(text):
    base = cast.base()
    land(base, pupil(ZOE), pupil("twin two"))
    assert search(cast.officer(), text) == [who_is(base, "p-001")]


@pytest.mark.parametrize("text", ["Zoey", "Zoe Marlowe", "-", "'", "%", "_", "Zoe -% Marlowe"])
def test_finds_nobody_by_what_is_not_in_the_name(text):
    base = cast.base()
    land(base, pupil(ZOE))
    assert search(cast.officer(), text) == []


def test_finds_a_pupil_by_the_new_name_as_soon_as_it_has_landed():
    base = cast.base()
    land(base, pupil("twin one"))
    land(base, pupil(ZOE), now=LATER)
    assert search(cast.officer(), "zoe oneill") == [who_is(base, "p-001")]
    assert search(cast.officer(), "marlowe") == []


def test_finds_a_pupil_by_every_name_held():
    pupil_id = held(
        given_name="Zoë", family_name="Bell", preferred_given_name="Zo", former_family_name="Nuñez"
    )
    for text in ("zoe bell", "zo", "nunez"):
        assert search(cast.officer(), text) == [pupil_id]


def test_puts_names_as_they_were_typed_first():
    far = held(given_name="Aoife", family_name="Neill")
    meant = held(given_name="Zara", family_name="O'Neill")
    assert search(cast.officer(), "o neill") == [meant, far]


def test_still_finds_by_its_letters_who_was_written_by_the_release_before():
    pupil_id = held(given_name="Zoë", family_name="Bell")
    as_the_release_before_wrote(pupil_id)
    assert search(cast.officer(), "bell zoë") == [pupil_id]


def test_folds_the_names_that_were_held_before_the_column_was():
    pupils = [held(given_name=name, family_name="Bell") for name in ("Zoë", "Chloé", "René")]
    for each in pupils:
        as_the_release_before_wrote(each)
    migration = import_module("schoolgate.pupils.migrations.0004_fold_held_names")
    with connection.schema_editor() as editor:
        migration.fold_held_names(apps, editor)
    assert not BasicDetails.objects.filter(names_folded=None).exists()
    assert search(cast.officer(), "chloe bell") == [pupils[1]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.dictionaries(
        st.sampled_from(NAMES), st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=9)
    ),
    changed=st.dictionaries(st.sampled_from(NAMES), st.text("aeéO'- øß", max_size=9)),
)
def test_keeps_the_folded_names_in_step_with_the_names(names, changed):
    pupil_id = held(**names)
    write_blocks(groups.BASIC_DETAILS, added={}, changed={pupil_id: changed}, source=SOURCE)
    row = BasicDetails.objects.get(pupil_id=pupil_id)
    assert row.names_folded.split() == [fold(changed[each]) for each in NAMES if fold(changed.get(each, ""))]
