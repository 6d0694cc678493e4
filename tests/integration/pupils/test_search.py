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
from schoolgate.pupils.folding import NAMES, sort_name
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


def migrate(name: str) -> None:
    migration = import_module(f"schoolgate.pupils.migrations.{name}")
    with connection.schema_editor() as editor:
        migration.fold_held_names(apps, editor)


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
    migrate("0004_fold_held_names")
    assert not BasicDetails.objects.filter(names_folded=None).exists()
    assert search(cast.officer(), "chloe bell") == [pupils[1]]


def test_folds_the_names_that_were_held_folded_otherwise_before_anew_and_sorts_them():
    pupils = [held(given_name="Defne", family_name=name) for name in ("Yıldızhan", "Ħaber", "Ŋgoma")]
    BasicDetails.objects.update(names_folded="defne yıldızhan ħaber ŋgoma", sort_name=None)
    migrate("0006_fold_held_names_again")
    for text, each in zip(("yildizhan", "HABER", "ngoma defne"), pupils, strict=True):
        assert search(cast.officer(), text) == [each]
    assert search(cast.officer(), "defne") == [pupils[1], pupils[2], pupils[0]]


@pytest.mark.parametrize(
    ("held_as", "typed"),
    [
        ("Yıldız", "Yildiz"),
        ("Yildiz", "yıldız"),
        ("Yildiz", "YILDIZ"),
        ("İnce", "ince"),
        ("O\u02bcNeill", "O'Neill"),
        ("O'Neill", "O\u02bcneill"),
        ("O\u02bcNeill", "o neill"),
        ("Jos\u00e9", "Jose\u0301"),
        ("Jose\u0301", "jos\u00e9"),
        ("Smith\u2011Bay", "smith-bay"),
        ("Smith\u00a0Bay", "smith bay"),
        ("Mc\u00adAdam", "mcadam"),
        ("Großmann", "GROSSMANN"),
    ],
)
def test_finds_a_name_by_either_spelling(held_as, typed):
    pupil_id = held(given_name="Defne", family_name=held_as)
    assert search(cast.officer(), typed) == [pupil_id]
    assert search(cast.officer(), f"{typed} defne") == [pupil_id]


@pytest.mark.parametrize("text", ["\0", "Bell\0", "\0Zoe", "\ud800", "Be\ufffdll"])
def test_finds_nobody_by_characters_that_no_name_can_hold(text):
    held(given_name="Zoe", family_name="Bell")
    assert search(cast.officer(), text) == []


def test_sorts_by_family_name_and_then_given_name_as_people_do():
    names = ["Zebra", "de Silva", "Smith-Jones", "Abbott", "Émile", "Özil", "van Dyk", "Łukasz", "McAdam", "Macadam",
             "O'Neill", "Smith", "Oakes", "Ángel", "ışık"]  # fmt: skip
    for name in names:
        held(given_name="Zoe", family_name=name)
    held(given_name="Élodie", family_name="SMITH")
    found = [BasicDetails.objects.get(pupil_id=each) for each in search(cast.officer(), "o")]
    assert [(each.family_name, each.given_name) for each in found if each.given_name != "Zoe"] == [
        ("SMITH", "Élodie")
    ]
    assert [each.family_name for each in found] == [
        "Abbott", "Ángel", "de Silva", "Émile", "ışık", "Łukasz", "Macadam", "McAdam", "Oakes", "O'Neill", "Özil",
        "SMITH", "Smith", "Smith-Jones", "van Dyk", "Zebra",
    ]  # fmt: skip


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
    assert row.sort_name == sort_name(changed)
    assert row.names_folded.split() == [fold(changed[each]) for each in NAMES if fold(changed.get(each, ""))]
