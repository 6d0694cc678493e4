"""Which pupil an arriving pupil is."""

from __future__ import annotations

import msgspec
import pytest
from tests import cast

from schoolgate.matching.rules import NEW, NO_KEYS, Candidate, Match, agreeing, fold, match
from schoolgate_message.records import MatchKeys

IRIS = cast.PUPILS["twin one"]
KHAN = cast.PUPILS["same name and birthday, other"]


def like(keys, pupil_id=1, **changed):
    told = msgspec.structs.asdict(keys)
    del told["external_id"]
    return Candidate(pupil_id=pupil_id, **{**told, **changed})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O'Shaughnessy", "O\u2019SHAUGHNESSY"),
        ("Ashby-Lowe", "ashby lowe"),
        ("Zoë", "Zoe"),
        ("Łukasz", "Lukasz"),
        ("Søren", "Soren"),
        ("Strauß", "STRAUSS"),
        ("Юрченко", "ЮРЧЕНКО"),
        ("de\u0301ja\u0300", "déjà"),
    ],
)
def test_compares_names_without_case_accents_and_punctuation(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Ivy", "Iris"), ("Khan", "Kahn"), ("कि", "का"), ("", "-")])
def test_forgives_no_other_spelling(one, other):
    assert fold(one) != fold(other) or not fold(one)


def test_counts_what_agrees_and_never_two_unknowns():
    assert agreeing(IRIS, like(IRIS)) == 4
    assert agreeing(IRIS, like(IRIS, family_name="Lowe", sex="")) == 2
    nobody = msgspec.structs.replace(IRIS, date_of_birth="", sex="", family_name="-", given_name="")
    assert agreeing(nobody, like(nobody)) == 0


@pytest.mark.parametrize("item", ["family_name", "given_name", "date_of_birth", "sex"])
def test_matches_by_upn_when_three_of_four_agree(item):
    assert match(IRIS, [like(IRIS, **{item: "other"})]) == Match(pupil_id=1, rule="upn")


def test_calls_a_upn_taken_when_fewer_than_three_agree():
    assert match(IRIS, [like(IRIS, family_name="Lowe", sex="M")]).problem_code == "match.upn_taken"


def test_matches_by_a_former_upn():
    held = like(IRIS, upn="B820200020002", former_upn=IRIS.upn)
    assert match(IRIS, [held]) == Match(pupil_id=1, rule="upn")


def test_asks_for_all_four_without_a_upn():
    assert match(KHAN, [like(KHAN)]) == Match(pupil_id=1, rule="identity")
    assert match(KHAN, [like(KHAN, sex="M")]) == NEW


def test_matches_all_four_with_one_held_without_a_upn_when_nobody_holds_the_upn_that_came():
    assert match(IRIS, [like(IRIS, upn="")]) == Match(pupil_id=1, rule="identity")
    assert match(IRIS, [like(IRIS, upn="", given_name="Ivy")]) == NEW
    assert match(IRIS, [like(IRIS, upn="", is_taken=True)]) == NEW
    assert match(IRIS, [like(IRIS, upn=""), like(IRIS, pupil_id=2, upn="")]).problem_code == "match.ambiguous"


def test_never_matches_one_held_with_another_upn():
    assert match(IRIS, [like(IRIS, upn="B820200020002")]) == NEW


def test_prefers_the_holder_of_the_upn_to_one_without():
    assert match(IRIS, [like(IRIS, upn=""), like(IRIS, pupil_id=2)]) == Match(pupil_id=2, rule="upn")
    stranger = like(IRIS, pupil_id=2, family_name="Lowe", given_name="Ivy")
    assert match(IRIS, [like(IRIS, upn=""), stranger]).problem_code == "match.upn_taken"


def test_leaves_two_who_fit_to_a_person():
    assert match(KHAN, [like(KHAN), like(KHAN, pupil_id=2)]).problem_code == "match.ambiguous"
    assert match(IRIS, [like(IRIS), like(IRIS, pupil_id=2)]).problem_code == "match.ambiguous"


def test_never_takes_a_pupil_for_whom_the_base_sends_another_external_id():
    assert match(KHAN, [like(KHAN, is_taken=True)]) == NEW
    assert match(KHAN, [like(KHAN, is_taken=True), like(KHAN, pupil_id=2)]).pupil_id == 2
    assert match(IRIS, [like(IRIS, is_taken=True)]).problem_code == "match.upn_taken"


def test_leaves_a_record_no_longer_in_use_to_a_person():
    assert match(IRIS, [like(IRIS, is_active=False)]).problem_code == "match.inactive"


def test_finds_nobody_among_nobody():
    assert match(IRIS, []) == NEW


def test_makes_no_nameless_record_of_a_pupil_of_whom_nothing_came() -> None:
    assert match(MatchKeys(external_id="a-1"), []) == Match(problem_code=NO_KEYS)
    assert match(MatchKeys(external_id="a-1", sex="F"), []) == Match(problem_code=NO_KEYS)
    assert match(MatchKeys(external_id="a-1", family_name="Okafor"), []) == NEW
