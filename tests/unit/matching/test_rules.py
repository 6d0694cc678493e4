"""Which pupil an arriving pupil is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from tests.landing import keys, upn

from schoolgate.matching.rules import (
    NEW,
    NO_KEYS,
    TWO_SCHOOLS,
    Candidate,
    Match,
    Question,
    SharedLink,
    agreeing,
    fold,
    is_known_as_one,
    match,
    upns_of,
)
from schoolgate_message.records import MatchKeys

IRIS = keys("twin one")
KHAN = keys("same name and birthday, other")
ANOTHER_UPN = upn("820200020002")
TEMPORARY, OTHER_TEMPORARY = upn("82020002000A"), upn("82020002000B")


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
    found = match(IRIS, [like(IRIS, family_name="Lowe", sex="M")])
    assert (found.problem_code, found.pupil_id, found.candidate_id) == ("match.upn_taken", None, 1)


def test_matches_by_a_former_upn():
    held = like(IRIS, upn=ANOTHER_UPN, former_upn=IRIS.upn)
    assert match(IRIS, [held]) == Match(pupil_id=1, rule="upn")


def test_asks_for_all_four_without_a_upn():
    assert match(KHAN, [like(KHAN)]) == Match(pupil_id=1, rule="identity")
    assert match(KHAN, [like(KHAN, sex="M")]) == NEW


def test_matches_all_four_with_one_held_without_a_upn_when_nobody_holds_the_upn_that_came():
    assert match(IRIS, [like(IRIS, upn="")]) == Match(pupil_id=1, rule="identity")
    assert match(IRIS, [like(IRIS, upn="", given_name="Ivy")]) == NEW
    assert match(IRIS, [like(IRIS, upn="", is_taken=True)]) == NEW
    assert match(IRIS, [like(IRIS, upn=""), like(IRIS, pupil_id=2, upn="")]).problem_code == "match.ambiguous"


@pytest.mark.parametrize("sent", [IRIS.upn.lower(), f" {IRIS.upn[:5]} {IRIS.upn[5:]}"])
def test_knows_a_upn_however_it_was_typed(sent):
    typed = msgspec.structs.replace(IRIS, upn=sent)
    assert match(typed, [like(IRIS, sex="M")]) == Match(pupil_id=1, rule="upn")
    assert match(IRIS, [like(typed, sex="M")]) == Match(pupil_id=1, rule="upn")


@pytest.mark.parametrize("placeholder", ["UNKNOWN", "0000000000000", "A000000000000", "Q207000016049"])
def test_knows_nobody_by_a_placeholder_or_a_slip(placeholder):
    sent = msgspec.structs.replace(IRIS, upn=placeholder)
    assert match(sent, [like(sent, given_name="Ivy")]) == NEW
    assert match(sent, [like(sent)]) == Match(pupil_id=1, rule="identity")
    assert match(IRIS, [like(sent)]) == Match(pupil_id=1, rule="identity")
    nobody = MatchKeys(external_id="a-1", upn=placeholder)
    assert match(nobody, []).problem_code == NO_KEYS


@pytest.mark.parametrize(
    ("sent", "held"),
    [(TEMPORARY, ANOTHER_UPN), (ANOTHER_UPN, TEMPORARY), (TEMPORARY, OTHER_TEMPORARY), ("", ANOTHER_UPN)],
)
def test_takes_a_temporary_upn_for_none_where_nobody_holds_it(sent, held):
    keys = msgspec.structs.replace(IRIS, upn=sent)
    assert match(keys, [like(IRIS, upn=held)]) == Match(pupil_id=1, rule="identity")
    assert match(keys, [like(IRIS, upn=held, given_name="Ivy")]) == NEW


def test_asks_a_person_where_particulars_alone_name_a_child_whom_two_schools_list_now():
    elsewhere = like(KHAN, is_elsewhere=True)
    assert match(KHAN, [elsewhere]) == Match(problem_code=TWO_SCHOOLS, candidate_id=1)
    assert match(KHAN, [elsewhere], attends=False) == Match(pupil_id=1, rule="identity")
    assert match(IRIS, [like(IRIS, upn="", is_elsewhere=True)]).problem_code == TWO_SCHOOLS
    assert match(IRIS, [like(IRIS, is_elsewhere=True)]) == Match(pupil_id=1, rule="upn")
    assert match(IRIS, [like(IRIS, upn=ANOTHER_UPN, is_elsewhere=True)]) == NEW


def test_never_matches_one_held_with_another_upn():
    assert match(IRIS, [like(IRIS, upn=ANOTHER_UPN)]) == NEW


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


def link(number, *, upn="", rule="identity", day=0):
    return SharedLink(
        link_id=number, pupil_id=1, base_id=number, source="s", external_id="x", upn=upn, rule=rule,
        linked_at=datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=day), roll_state="Current",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        (link(1, rule="added"), link(2), False),
        (link(1, rule="added"), link(2, rule="upn"), True),
        (link(1, rule="added"), link(2, rule="person"), True),
        (link(1, rule="person", day=3), link(2, day=1), True),
        (link(1, rule="upn", day=1), link(2, day=3), False),
        (link(1, rule="upn"), link(2), False),
        (link(1, rule="added", upn=IRIS.upn), link(2, upn=IRIS.upn.lower()), True),
        (link(1, rule="added", upn=IRIS.upn), link(2, upn=ANOTHER_UPN), False),
        (link(1, rule="added", upn="UNKNOWN"), link(2, upn="UNKNOWN"), False),
        (link(1, rule="added", upn=TEMPORARY), link(2, upn=TEMPORARY), True),
    ],
)
def test_says_whether_two_schools_are_known_to_have_one_child(one, other, is_one):
    assert is_known_as_one(one, other) is is_known_as_one(other, one) is is_one


def test_a_question_is_answered_by_the_upn_that_every_other_school_sends():
    asked = Question(keys=IRIS, pupil_id=1, upns=upns_of([link(1, upn=IRIS.upn), link(2, upn=IRIS.upn)]))
    assert asked.is_answered_by(IRIS.upn.lower())
    assert not asked.is_answered_by(ANOTHER_UPN)
    assert not asked.is_answered_by("")
    unsure = Question(keys=IRIS, pupil_id=1, upns=upns_of([link(1, upn=IRIS.upn), link(2)]))
    assert not unsure.is_answered_by(IRIS.upn)
