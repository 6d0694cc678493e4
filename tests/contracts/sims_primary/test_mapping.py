"""The mapping that ships, and what an officer may say otherwise."""

from __future__ import annotations

import pytest

from schoolgate.connectors.port import FieldOverride
from schoolgate.connectors.sims_primary.mapping import (
    MappingError,
    Recipe,
    fingerprint,
    read_mapping,
    selected_fields,
    shipped_mapping,
    with_overrides,
)
from schoolgate_message.groups import ATTAINMENT, GROUPS


def override(**more) -> FieldOverride:
    return FieldOverride(**{"domain": "LearnerAddresses", "group": "address", "item": "town", **more})


def test_feeds_every_group_but_attainment_from_one_domain() -> None:
    fed = [group for domain in shipped_mapping().domains.values() for group in domain.groups]
    assert sorted(fed) == sorted(group.name for group in GROUPS if group is not ATTAINMENT)


def test_asks_the_identity_domain_only_for_fields_it_needs() -> None:
    fields = selected_fields(shipped_mapping().domains["LearnerPersonals"])
    assert "UPN" in fields
    assert "AgeMonths" not in fields


def test_turns_words_lists_and_paths_into_items() -> None:
    mapping = shipped_mapping()
    contact = Recipe(mapping, "LearnerContacts", "contacts")
    row = {
        "Surname": "Bay",
        "GenderCategory": "Female",
        "LivesWithLearner": False,
        "Address": {"Town": "York"},
    }
    assert contact.record(row) == {
        "family_name": "Bay",
        "sex": "F",
        "lives_with_pupil": False,
        "town": "York",
    }
    assert contact.record({"Surname": "Bay", "Address": None}) == {"family_name": "Bay"}
    suspension = Recipe(mapping, "LearnerExclusions", "suspensions")
    assert suspension.record({"Reasons": ["PP", "DB"], "SchoolDays": 0}) == {
        "reason_1": "PP",
        "reason_2": "DB",
        "school_days": 0,
    }


def test_passes_on_a_word_it_does_not_know() -> None:
    recipe = Recipe(shipped_mapping(), "LearnerPersonals", "basic_details")
    assert recipe.record({"GenderCategory": "Other"}) == {"sex": "Other"}


def test_takes_an_officers_field_and_constant() -> None:
    changed = with_overrides(
        shipped_mapping(), [override(field="Place/Name"), override(item="country", constant="Wales")]
    )
    recipe = Recipe(changed, "LearnerAddresses", "address")
    assert recipe.record({"Place": {"Name": "Otley"}, "Town": "Leeds"}) == {
        "town": "Otley",
        "country": "Wales",
    }
    assert fingerprint(changed) != fingerprint(shipped_mapping())


def test_leaves_an_item_out_on_an_officers_word() -> None:
    changed = with_overrides(shipped_mapping(), [override()])
    assert "town" not in changed.domains["LearnerAddresses"].groups["address"]
    assert "town" in shipped_mapping().domains["LearnerAddresses"].groups["address"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"domain": "LearnerPets"},
        {"group": "contacts"},
        {"item": "colour", "field": "Colour"},
        {"field": "Town", "words": "no such words"},
        {"field": "Town", "position": -1},
    ],
)
def test_refuses_an_override_of_what_it_does_not_know(wrong) -> None:
    with pytest.raises(MappingError):
        with_overrides(shipped_mapping(), [override(**wrong)])


def test_refuses_a_mapping_that_cannot_be_read() -> None:
    with pytest.raises(MappingError):
        read_mapping("version = ")
    with pytest.raises(MappingError):
        read_mapping("version = 1")
