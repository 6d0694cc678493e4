"""The invented schools and children."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from schoolgate_sandbox import upn
from schoolgate_sandbox.truth import truth_of

from .conftest import TODAY, make_world

SHARED = (
    "LearnerPersonals",
    "LearnerAddresses",
    "LearnerCommunications",
    "LearnerContacts",
    "LearnerSenProvisions",
    "LearnerSenNeeds",
    "LearnerFreeSchoolMeals",
    "LearnerCulturals",
    "LearnerServiceChildren",
    "LearnerYoungCarers",
    "LearnerLookedAfters",
)


@pytest.fixture(scope="module")
def full():
    made = make_world(schools=24, size="normal")
    made.fill()
    return made


def moved_on(school) -> date:
    return datetime.fromtimestamp(school.moved_at, tz=UTC).date()


def on_roll(made):
    return [pupil for roll in made.rolls.values() for pupil in roll.current()]


def test_is_the_same_for_the_same_seed_in_whatever_order_schools_are_touched():
    one, other = make_world(), make_world()
    forwards = [truth_of(one.roll(school)) for school in one.schools]
    backwards = [truth_of(other.roll(school)) for school in reversed(other.schools)]
    assert forwards == backwards[::-1]


def test_differs_for_another_seed():
    ids = {
        pupil.external_id
        for seed in (1, 2)
        for pupil in make_world(seed=seed).roll(make_world(seed=seed).schools[0]).pupils
    }
    assert len(ids) > 60


def test_numbers_and_names_schools_uniquely_and_the_first_as_the_product_does(full):
    assert full.schools[0].dfe_number == "8201079"
    for facts in ("dfe_number", "urn", "name", "organisation_id", "client_id"):
        assert len({getattr(school, facts) for school in full.schools}) == 24


def test_spreads_the_moves_over_five_weeks_to_twenty_months(full):
    days = [(TODAY - moved_on(school)).days for school in full.schools]
    assert min(days) >= 34
    assert max(days) <= 610
    assert any(days_ago < 92 for days_ago in days)


def test_has_as_many_on_roll_as_planned(full):
    assert all(len(full.roll(school).current()) == school.pupils for school in full.schools)


def test_makes_just_the_pupils_asked_for():
    made = make_world(schools=2)
    forced = type(made)(seed=1, schools=2, clock=made.clock, pupils=400)
    assert [len(forced.roll(school).current()) for school in forced.schools] == [400, 400]


def test_gives_everyone_else_a_upn_of_their_own_with_a_true_check_letter(full):
    persons = {pupil.person.key: pupil.person for roll in full.rolls.values() for pupil in roll.pupils}
    numbers = [person.personals.values["UPN"] for person in persons.values()]
    known = [number for number in numbers if number]
    assert all(upn.check_letter(number[1:]) == number[0] for number in known)
    assert not [number for number, count in Counter(known).items() if count > 1]
    assert any(number[-1].isalpha() for number in known)
    assert all(
        bool(person.personals.values["UPN"]) != bool(person.personals.values["UPNUnknownReason"])
        for person in persons.values()
    )


def test_keeps_realistic_proportions(full):
    pupils = on_roll(full)
    count = len(pupils)

    def share(domain, test):
        return sum(any(test(row.values) for row in pupil.rows(domain)) for pupil in pupils) / count

    assert 0.20 < share("LearnerFreeSchoolMeals", lambda row: not row["EndDate"]) < 0.30
    assert (
        0.13
        < share("LearnerSenProvisions", lambda row: row["Provision"] in "KE" and not row["EndDate"])
        < 0.21
    )
    assert 0.005 < share("LearnerYoungCarers", lambda row: row["YoungCarer"] != "N") < 0.03
    assert 0.01 < share("LearnerServiceChildren", lambda row: row["ServiceChild"] == "Y") < 0.05
    assert 0.002 < share("LearnerLookedAfters", lambda row: row["InCare"]) < 0.02
    assert 0.002 < share("LearnerExclusions", bool) < 0.02


def test_ranks_needs_from_one_without_gaps(full):
    for pupil in on_roll(full):
        ranks = [row.values["Rank"] for row in pupil.rows("LearnerSenNeeds")]
        assert ranks == list(range(1, len(ranks) + 1))


def test_writes_names_with_signs_accents_and_other_scripts(full):
    names = "".join(
        pupil.person.personals.values["LegalForename"] + pupil.person.personals.values["LegalSurname"]
        for pupil in on_roll(full)
    )
    for sign in "'-éłΑа":
        wanted = {"Α": range(0x370, 0x400), "а": range(0x400, 0x500)}.get(sign)
        assert any(ord(letter) in wanted for letter in names) if wanted else sign in names


def test_gives_dual_pupils_the_same_person_in_both_schools_and_their_own_ids(full):
    mains = [pupil for pupil in on_roll(full) if pupil.status == "M"]
    assert mains
    for main in mains:
        subsidiary = next(other for other in main.person.pupils if other.status == "S")
        assert main.school is not subsidiary.school
        assert main.external_id != subsidiary.external_id
        for domain in SHARED:
            assert [row.values for row in main.rows(domain)] == [
                row.values for row in subsidiary.rows(domain)
            ]


def test_has_siblings_in_two_schools_at_one_address(full):
    families = [family for family in full.families.values() if family.key.startswith("f-sibling")]
    assert families
    for family in families:
        assert len({member.pupils[0].school.index for member in family.members}) == 2
        addresses = [member.groups["LearnerAddresses"][0].values for member in family.members]
        assert addresses[0] == addresses[1]


def test_has_twins(full):
    twins = [
        family
        for family in full.families.values()
        if len({member.personals.values["DateOfBirth"] for member in family.members}) < len(family.members)
    ]
    assert twins
    for family in twins:
        names = [member.personals.values["LegalForename"] for member in family.members]
        assert len(set(names)) == len(names)


def test_has_two_children_of_one_name_and_birthday_with_a_upn_each(full):
    keys = [key for key in full.persons if key.startswith("namesake-0-1")]
    one, other = (full.persons[key].personals.values for key in keys)
    same = ("LegalForename", "LegalSurname", "DateOfBirth", "GenderCategory")
    assert [one[item] for item in same] == [other[item] for item in same]
    assert one["UPN"] != other["UPN"]


def test_tells_where_a_child_that_moved_within_the_set_came_from(full):
    moved = next(person for key, person in full.persons.items() if key.startswith("mover"))
    left, came = sorted(moved.pupils, key=lambda pupil: pupil.state != "Leaver")
    assert (left.state, came.state) == ("Leaver", "Current")
    earlier = came.rows("LearnerEnrolments")[1].values
    assert earlier["SchoolDfENumber"] == left.school.dfe_number
    assert earlier["LeavingDate"] == left.rows("LearnerEnrolments")[0].values["LeavingDate"]


def test_marks_about_94_in_100_sessions_present_and_none_when_closed(full):
    tally: Counter[str] = Counter()
    for roll in list(full.rolls.values())[:6]:
        for pupil in truth_of(roll)["pupils"]:
            for day, codes in pupil["mark_codes"].items():
                assert roll.school.is_open(date.fromisoformat(day).toordinal())
                tally.update(code for code in codes if code)
    possible = sum(
        count for code, count in tally.items() if code not in {"D", "Q", "X", "Z", "#"} and code[0] != "Y"
    )
    present = sum(tally[code] for code in ("/", "\\", "L", "V", "B", "P", "K", "W"))
    assert 0.92 < present / possible < 0.96
    assert {"I", "N", "M", "L"} <= tally.keys()


def test_gives_marks_from_the_move_only_and_at_most_three_months_back(full):
    recent = next(school for school in full.schools if (TODAY - moved_on(school)).days < 60)
    first = moved_on(recent)
    for pupil in truth_of(full.roll(recent))["pupils"]:
        early = [day for day in pupil["marks"] if date.fromisoformat(day) < first]
        # Only what was corrected after the move reaches further back.
        assert len(early) <= 6
