"""# Who is who

Every child has one record, and no child gets another's. A school's id is believed as long as what comes with it
agrees with what is held; a UPN counts only in its right form, and is never two pupils'; and where two schools
list one name and birthday at the same time, without a UPN in common, a person decides. What is doubted waits,
touches nothing, and keeps nobody else in the file from landing.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import (
    ADDRESS,
    OTHER_ADDRESS,
    account,
    changes,
    codes,
    held,
    keys,
    land,
    land_at_once,
    land_bodies,
    message,
    planned,
    pupil,
    upn,
    who_is,
)

from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import Identifiers, Pupil
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
MUCH_LATER = cast.NOW + timedelta(days=2)
MARKS = [DayMarks(on="2026-11-20", am="/", pm="\\")]
TEMPORARY = upn("82020002000A")


@pytest.fixture
def base():
    return cast.base()


@pytest.fixture
def other():
    return cast.base("Beckside Primary")


def of_other(who, **changed):
    return keys(who, external_id="b-1", **changed)


def records():
    return Pupil.objects.count()


# The form of a UPN


def test_a_upn_in_small_letters_is_the_same_childs(base, other):
    """Case M01."""
    land(base, pupil("twin one"))
    sent = of_other("twin one")
    body = message(other, pupil(sent)).replace(sent.upn.encode(), sent.upn.lower().encode())
    run = land_bodies(other, body, now=LATER)
    assert who_is(other, "b-1") == who_is(base, "p-001")
    assert held(base, "twin one", "identifiers") == {"upn": sent.upn}
    assert changes(run) == []


def test_a_upn_that_came_in_small_letters_first_is_held_in_capitals(base):
    sent = keys("twin one")
    body = message(base, pupil(sent, with_identity=False, address=ADDRESS))
    land_bodies(base, body.replace(sent.upn.encode(), sent.upn.lower().encode()))
    assert held(base, sent, "identifiers") == {"upn": sent.upn}


@pytest.mark.parametrize(
    "spaced",
    [
        lambda told: f" {told}",
        lambda told: f"{told}\u00a0 ",
        lambda told: f"{told[0]} {told[1:4]} {told[4:8]} {told[8:]}",
    ],
    ids=["before", "behind", "within"],
)
def test_a_upn_told_with_spaces_is_the_same_childs_wherever_they_stand(base, other, spaced):
    land(base, pupil("twin one"))
    sent = of_other("twin one")
    body = message(other, pupil(sent)).replace(sent.upn.encode(), spaced(sent.upn).encode())
    run = land_bodies(other, body, now=LATER)
    assert who_is(other, "b-1") == who_is(base, "p-001")
    assert held(base, "twin one", "identifiers") == {"upn": sent.upn}
    assert (changes(run), codes(run)) == ([], [])


@pytest.mark.parametrize("told", ["not given yet by the last school", "B801200005001 or B801200005002"])
def test_what_is_no_upn_is_no_key_and_is_shown_and_the_file_lands(base, told):
    sent = keys("twin one")
    body = message(base, pupil(sent, address=ADDRESS), pupil("twin two"))
    run = land_bodies(base, body.replace(sent.upn.encode(), told.encode()))
    assert codes(run) == ["item.invalid_upn"]
    assert account(run, "basic_details") == {"received": 2, "written": 2}
    assert account(run, "address") == {"received": 1, "written": 1}
    assert held(base, "twin one", "identifiers") == {"upn": told.upper().replace(" ", "")}
    assert ExternalId.objects.get(external_id="p-001").upn == ""


@pytest.mark.parametrize("placeholder", ["UNKNOWN", "0000000000000", "A000000000000"])
def test_a_placeholder_for_a_upn_makes_no_child_of_two(base, other, placeholder):
    """Case M02."""
    land(base, pupil(keys("twin one", upn=placeholder)))
    run = land(other, pupil(of_other("twin two", upn=placeholder)), now=LATER)
    assert who_is(other, "b-1") != who_is(base, "p-001")
    assert codes(run) == ["item.invalid_upn"]
    assert account(run, "basic_details") == {"received": 1, "written": 1}


def test_a_temporary_upn_counts_as_none_until_the_permanent_one_comes(base):
    land(base, pupil(keys("twin one", upn=TEMPORARY)))
    land(base, roll={"p-001": "Leaver"}, now=LATER)
    other = cast.base("Beckside Primary")
    land(other, pupil(of_other("twin one")), now=MUCH_LATER)
    assert who_is(other, "b-1") == who_is(base, "p-001")
    assert held(base, "twin one", "identifiers") == {"upn": keys("twin one").upn}


def test_a_temporary_and_a_permanent_upn_at_two_schools_at_once_are_for_a_person(base, other):
    """Case M06."""
    land(base, pupil(keys("twin one", upn=TEMPORARY)))
    run = land(other, pupil(of_other("twin one")), now=LATER)
    assert records() == 1
    assert codes(run) == ["match.two_schools"]


def test_two_permanent_upns_are_two_children_however_much_agrees(base, other):
    land(base, pupil("twin one"))
    land(base, roll={"p-001": "Leaver"}, now=LATER)
    land(other, pupil(of_other("twin one", upn=keys("twin two").upn)), now=MUCH_LATER)
    assert who_is(other, "b-1") != who_is(base, "p-001")


# A UPN is one child's


@pytest.mark.parametrize("holder_at", ["the same school", "another school"])
def test_a_upn_that_somebody_holds_is_not_written_to_a_second_pupil(base, other, holder_at):
    """Case M03: the UPN is shown to a person; what else the child brings lands, and so does the rest."""
    land(base if holder_at == "the same school" else other, pupil("changed surname"))
    land(base, pupil("an apostrophe"), pupil("young carer"))
    wrong = keys("an apostrophe", upn=keys("changed surname").upn)
    run = land(base, pupil(wrong, address=ADDRESS), pupil("young carer", address=ADDRESS), now=LATER)
    assert held(base, "an apostrophe", "identifiers") == {"upn": keys("an apostrophe").upn}
    assert Identifiers.objects.filter(upn=wrong.upn).count() == 1
    assert codes(run) == ["item.upn_held"]
    assert account(run, "identifiers") == {"received": 2, "unchanged": 1, "refused": 1}
    assert held(base, "an apostrophe", "address") == held(base, "young carer", "address") == ADDRESS
    again = land(base, pupil(wrong), now=MUCH_LATER)
    assert codes(again) == ["item.upn_held"]


def test_a_upn_is_written_once_its_holder_has_given_it_up(base):
    land(base, pupil("changed surname"), pupil("an apostrophe"))
    wrong = keys("an apostrophe", upn=keys("changed surname").upn)
    land(base, pupil(wrong), now=LATER)
    land(base, pupil(keys("changed surname", upn=upn("820200020333"))), now=LATER)
    run = land(base, pupil(wrong), now=MUCH_LATER)
    assert codes(run) == []
    assert held(base, "an apostrophe", "identifiers") == {"upn": wrong.upn}


def test_two_pupils_of_one_file_do_not_get_one_upn(base):
    land(base, pupil("changed surname"), pupil("an apostrophe"))
    new = upn("820200020333")
    run = land(
        base, pupil(keys("changed surname", upn=new)), pupil(keys("an apostrophe", upn=new)), now=LATER
    )
    assert codes(run) == ["item.upn_held"]
    assert held(base, "changed surname", "identifiers") == {"upn": new}
    assert Identifiers.objects.filter(upn=new).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_schools_do_not_write_one_upn_to_two_pupils_at_the_same_moment(base, other):
    land(base, pupil("changed surname"))
    land(other, pupil(of_other("an apostrophe")))
    new = upn("820200020333")
    runs = [
        planned(base, message(base, pupil(keys("changed surname", upn=new)))),
        planned(other, message(other, pupil(of_other("an apostrophe", upn=new)))),
    ]
    land_at_once(*runs, now=LATER)
    assert Identifiers.objects.filter(upn=new).count() == 1
    assert sorted(code for run in runs for code in codes(run)) == ["item.upn_held"]


# A known id is doubted


STRANGER = keys("moved from the neighbour", external_id="p-004")
"""Another child, under the id that stands for the child of the changed surname."""


@pytest.mark.parametrize("told", ["in keys and blocks", "in blocks alone", "in keys alone"])
def test_a_known_id_that_comes_with_another_child_touches_nothing_of_the_first(base, told):
    land(base, pupil("changed surname", address=ADDRESS), pupil("twin one"))
    before = [held(base, "changed surname", group) for group in ("identifiers", "basic_details", "address")]
    first = ExternalId.objects.filter(external_id="p-004").values().get()
    sent = pupil(STRANGER, with_identity=told != "in keys alone", address=OTHER_ADDRESS, marks=MARKS)
    if told == "in blocks alone":
        sent.keys = keys("changed surname")
    run = land(base, sent, pupil("twin one", address=OTHER_ADDRESS), now=LATER)
    assert [
        held(base, "changed surname", group) for group in ("identifiers", "basic_details", "address")
    ] == before
    assert codes(run) == ["match.doubted"]
    assert run.exceptions.get().pupil_id == who_is(base, "p-004")
    assert account(run, "address") == {"received": 2, "written": 1, "unmatched": 1}
    assert account(run, "attendance") == {"received": 2, "unmatched": 2}
    assert held(base, "twin one", "address") == OTHER_ADDRESS
    assert records() == 2
    kept = ExternalId.objects.filter(external_id="p-004").values().get()
    assert kept == first | {"seen_run_id": run.pk}
    land(base, sent, now=MUCH_LATER)
    assert [
        held(base, "changed surname", group) for group in ("identifiers", "basic_details", "address")
    ] == before


def test_the_ids_of_twins_that_are_swapped_are_both_doubted(base):
    land(base, pupil("twin one", address=ADDRESS), pupil("twin two", address=OTHER_ADDRESS))
    swapped = [keys("twin two", external_id="p-001"), keys("twin one", external_id="p-002")]
    run = land(base, *(pupil(each, address=ADDRESS) for each in swapped), now=LATER)
    assert codes(run) == ["match.doubted", "match.doubted"]
    assert held(base, "twin one", "basic_details")["given_name"] == "Iris"
    assert held(base, "twin two", "address") == OTHER_ADDRESS
    assert changes(run) == []


def test_the_ids_of_twins_without_a_upn_that_are_swapped_are_both_doubted(base):
    land(base, pupil(keys("twin one", upn="")), pupil(keys("twin two", upn="")))
    swapped = [keys("twin two", upn="", external_id="p-001"), keys("twin one", upn="", external_id="p-002")]
    run = land(base, *map(pupil, swapped), now=LATER)
    assert codes(run) == ["match.doubted", "match.doubted"]
    assert changes(run) == []


def test_the_ids_of_two_of_one_name_and_birthday_that_are_swapped_are_doubted(base):
    one = keys("same name and birthday, one")
    two = keys("same name and birthday, other", upn=keys("twin two").upn)
    land(base, pupil(one), pupil(two))
    run = land(
        base, pupil(keys("no UPN")), pupil(keys("same name and birthday, one", upn=two.upn)), now=LATER
    )
    assert codes(run) == ["match.doubted"]
    assert held(base, one, "identifiers") == {"upn": one.upn}


def test_another_permanent_upn_with_another_given_name_is_doubted(base):
    land(base, pupil("changed surname"))
    run = land(base, pupil(keys("changed surname", upn=upn("820200020333"), given_name="Ada")), now=LATER)
    assert codes(run) == ["match.doubted"]


@pytest.mark.parametrize(
    ("who", "changed"),
    [
        ("changed surname", {"family_name": "Lowe"}),
        ("changed surname", {"given_name": "Ellen"}),
        ("changed surname", {"upn": upn("820200020333")}),
        ("changed surname", {"upn": upn("820200020333"), "family_name": "Lowe"}),
        ("changed surname", {"upn": "", "family_name": "Lowe"}),
        ("no UPN", {"family_name": "Lowe"}),
        ("no UPN", {"upn": upn("820200020333"), "given_name": "Toby"}),
    ],
)
def test_a_child_whose_keys_change_for_good_reason_is_believed(base, who, changed):
    land(base, pupil(who))
    run = land(base, pupil(keys(who, **changed)), now=LATER)
    assert codes(run) == []
    assert changes(run)


def test_a_child_is_believed_by_what_was_held_formerly(base):
    details = {
        "family_name": "Lowe",
        "former_family_name": "Ashby-Lowe",
        "given_name": "Eleanor",
        "preferred_given_name": "Nell",
    }
    land(
        base,
        pupil(
            keys("changed surname", upn="", family_name="Lowe", given_name="Eleanor"), basic_details=details
        ),
    )
    run = land(base, pupil("changed surname"), now=LATER)
    assert codes(run) == []


def test_an_id_that_comes_without_any_key_is_believed(base):
    land(base, pupil("twin one"))
    bare = keys("twin one", upn="", family_name="", given_name="", date_of_birth="", sex="")
    run = land(base, pupil(bare, address=ADDRESS), now=LATER)
    assert codes(run) == []
    assert held(base, "twin one", "address") == ADDRESS
    assert codes(land(base, pupil(keys("twin two", external_id="p-001")), now=MUCH_LATER)) == [
        "match.doubted"
    ]


def test_an_id_means_something_else_to_another_source(base):
    land(base, pupil("twin one"))
    run = land(base, pupil(keys("changed surname", external_id="p-001")), source="SIMS 7", now=LATER)
    assert codes(run) == []
    assert records() == 2
    assert set(ExternalId.objects.values_list("source", "external_id")) == {
        ("sims_primary", "p-001"),
        ("sims_7", "p-001"),
    }


def test_the_ids_of_twins_that_are_swapped_without_upn_and_sex_are_not_believed(base):
    land(base, pupil("twin one"), pupil("twin two"))
    swapped = [
        pupil(keys(who, external_id=key, upn="", sex=""), with_identity=False, address=ADDRESS)
        for who, key in (("twin two", "p-001"), ("twin one", "p-002"))
    ]
    run = land(base, *swapped, now=LATER)
    assert codes(run) == ["match.doubted", "match.doubted"]
    assert held(base, "twin one", "address") is None


def test_nobody_is_added_without_a_name(base):
    sent = keys("twin one", family_name="", given_name="", date_of_birth="", sex="")
    run = land(base, pupil(sent, with_identity=False, address=ADDRESS))
    assert records() == 0
    assert (codes(run), account(run, "address")) == (["match.no_keys"], {"received": 1, "unmatched": 1})


def test_two_unknown_ids_of_one_file_are_never_one_pupil_however_much_agrees(base, other):
    land(base, pupil("no UPN"))
    land(base, roll={"p-003": "Leaver"}, now=LATER)
    both = [pupil(keys("no UPN", external_id=external_id)) for external_id in ("b-1", "b-2")]
    land(other, *both, now=MUCH_LATER)
    assert who_is(other, "b-1") == who_is(base, "p-003")
    assert who_is(other, "b-2") != who_is(base, "p-003")
