"""# Two schools, one name

Where two schools list a child of one name, sex and birthday at the same time, without a UPN in common, a person
decides whether it is one child. It is decided by itself when one of them lets the child go, or a UPN says so.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import (
    ADDRESS,
    OTHER_ADDRESS,
    account,
    codes,
    held,
    keys,
    land,
    land_at_once,
    links,
    message,
    planned,
    pupil,
    upn,
    who_is,
)

from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import Pupil

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
MUCH_LATER = cast.NOW + timedelta(days=2)
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


def test_one_name_and_birthday_at_two_schools_at_once_is_for_a_person(base, other):
    land(base, pupil("no UPN", address=ADDRESS))
    run = land(other, pupil(of_other("no UPN"), address=OTHER_ADDRESS), pupil("twin one"), now=LATER)
    assert records() == 2
    assert codes(run) == ["match.two_schools"]
    assert run.exceptions.get().pupil_id == who_is(base, "p-003")
    assert held(base, "no UPN", "address") == ADDRESS
    assert not ExternalId.objects.filter(external_id="b-1").exists()
    assert account(run, "address") == {"received": 1, "unmatched": 1}
    assert account(run, "identifiers") == {"received": 1, "written": 1}


@pytest.mark.parametrize("roll", [{"p-003": "Leaver"}, {"p-003": "Future"}, {}])
def test_septembers_movers_are_matched_once_the_school_before_lets_them_go(base, other, roll):
    """A leaver, somebody whom a complete roll no longer names, and somebody only expected hold nobody back."""
    land(base, pupil("no UPN"))
    land(other, pupil(of_other("no UPN")), now=LATER)
    land(base, roll=roll, is_complete=not roll, now=LATER)
    run = land(other, pupil(of_other("no UPN"), address=ADDRESS), now=MUCH_LATER)
    assert codes(run) == []
    assert who_is(other, "b-1") == who_is(base, "p-003")
    assert [kind for kind, _, _ in links(run)] == ["added"]


def test_a_child_whom_the_next_school_only_expects_is_matched(base, other):
    land(base, pupil("no UPN"))
    run = land(other, pupil(of_other("no UPN")), roll={"b-1": "Future"}, now=LATER)
    assert "match.two_schools" not in codes(run)
    assert who_is(other, "b-1") == who_is(base, "p-003")


def test_a_upn_in_common_settles_it(base, other):
    land(base, pupil("no UPN"))
    both = upn("820200020333")
    assert codes(land(other, pupil(of_other("no UPN", upn=both)), now=LATER)) == ["match.two_schools"]
    land(base, pupil(keys("no UPN", upn=both)), now=LATER)
    run = land(other, pupil(of_other("no UPN", upn=both)), now=MUCH_LATER)
    assert codes(run) == []
    assert who_is(other, "b-1") == who_is(base, "p-003")


def test_a_former_upn_in_common_settles_it_too(base, other):
    identifiers = {"upn": keys("twin one").upn, "former_upn": TEMPORARY}
    land(base, pupil("twin one", identifiers=identifiers))
    run = land(other, pupil(of_other("twin one", upn=TEMPORARY)), now=LATER)
    assert not [code for code in codes(run) if code.startswith("match.")]
    assert who_is(other, "b-1") == who_is(base, "p-001")


@pytest.mark.django_db(transaction=True)
def test_two_schools_that_send_one_name_at_the_same_moment_make_one_record_and_one_question(base, other):
    runs = [
        planned(base, message(base, pupil("no UPN", address=ADDRESS))),
        planned(other, message(other, pupil(of_other("no UPN"), address=OTHER_ADDRESS))),
    ]
    land_at_once(*runs, now=LATER)
    assert records() == 1
    assert sorted(code for run in runs for code in codes(run)) == ["match.two_schools"]


def test_a_base_that_is_no_longer_in_use_lists_nobody(base, other):
    land(base, pupil("twin one", address=ADDRESS))
    type(base).objects.filter(pk=base.pk).update(is_active=False)
    land(other, pupil(of_other("twin one"), address=OTHER_ADDRESS), now=LATER)
    assert held(other, of_other("twin one"), "address") == OTHER_ADDRESS
