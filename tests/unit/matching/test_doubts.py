"""When a known external id is still believed."""

from __future__ import annotations

import msgspec
import pytest
from tests.landing import keys, upn

from schoolgate.matching.doubts import Lookalikes, held_keys_from, still_agrees
from schoolgate_message.records import MatchKeys

IRIS, IVY = keys("twin one"), keys("twin two")
NELL = keys("changed surname")
TEMPORARY = upn("82020002000A")
NOBODY = MatchKeys(external_id="p-001")


def held(of, **more):
    """Held keys of a pupil, with others that are or were the pupil's too."""
    names = {"upns": "upn", "births": "date_of_birth", "sexes": "sex"}
    names |= {"family_names": "family_name", "given_names": "given_name"}
    return held_keys_from(**{many: [getattr(of, one), *more.get(many, ())] for many, one in names.items()})


def said(of, **changed):
    return msgspec.structs.replace(of, external_id="p-001", **changed)


def test_believes_an_id_with_the_keys_it_always_had():
    assert still_agrees(IRIS, held(IRIS))


def test_believes_an_id_that_comes_alone_or_of_whom_nothing_is_held():
    assert still_agrees(NOBODY, held(IRIS))
    assert still_agrees(IRIS, held(NOBODY))
    assert still_agrees(said(NOBODY, given_name="iris"), held(IRIS))


@pytest.mark.parametrize(
    "changed",
    [
        {"family_name": "Lowe"},
        {"given_name": "Nelly"},
        {"date_of_birth": "2016-07-12"},
        {"family_name": "Lowe", "date_of_birth": "2016-07-12"},
        {"family_name": "Lowe", "upn": upn("820200020333")},
        {"upn": "", "family_name": "Lowe"},
    ],
)
def test_believes_two_that_agree(changed):
    assert still_agrees(said(NELL, **changed), held(NELL))


def test_believes_an_adopted_child_who_has_no_upn():
    assert still_agrees(said(NELL, upn="", family_name="Lowe"), held(said(NELL, upn="")))


@pytest.mark.parametrize(
    "changed",
    [
        {"family_name": "Oakes", "given_name": "Rowan", "date_of_birth": "2017-08-08"},
        {"upn": "", "family_name": "Oakes", "given_name": "Rowan"},
        {"upn": upn("820200020333"), "family_name": "Oakes", "given_name": "Rowan"},
    ],
)
def test_doubts_an_id_when_fewer_than_two_agree(changed):
    assert not still_agrees(said(NELL, **changed), held(NELL))


def test_doubts_another_permanent_upn_with_another_given_name():
    other = said(NELL, upn=upn("820200020333"), given_name="Ada")
    assert not still_agrees(other, held(NELL))
    assert still_agrees(msgspec.structs.replace(other, upn=TEMPORARY), held(NELL))
    assert still_agrees(other, held(said(NELL, upn=TEMPORARY)))


def test_believes_what_was_formerly_held():
    other = said(NELL, upn=upn("820200020333"), family_name="Lowe", given_name="Ellen")
    assert not still_agrees(other, held(NELL))
    assert still_agrees(other, held(NELL, upns=[other.upn]))
    assert still_agrees(other, held(NELL, given_names=["ELLEN"], family_names=["Lowe"]))


def test_doubts_the_ids_of_twins_that_are_swapped():
    assert not still_agrees(said(IVY), held(IRIS), others=[IVY])
    without = said(IVY, upn="")
    assert still_agrees(without, held(IRIS))
    assert not still_agrees(without, held(said(IRIS, upn="")), others=[without])


def test_doubts_the_ids_of_two_who_share_all_particulars_when_their_upns_are_swapped():
    other = said(IRIS, upn=IVY.upn)
    assert not still_agrees(other, held(IRIS), others=[other])


def test_believes_a_child_with_somebody_elses_upn_whose_particulars_are_all_its_own():
    assert still_agrees(said(NELL, upn=IVY.upn), held(NELL), others=[IVY])
    assert still_agrees(said(IRIS, upn=IVY.upn), held(IRIS), others=[IVY])


def test_doubts_somebody_elses_upn_that_comes_with_little_else():
    assert not still_agrees(said(NOBODY, upn=IVY.upn), held(NELL), others=[IVY])
    assert still_agrees(said(NELL, family_name="Marlowe", upn=IVY.upn), held(NELL), others=[IVY])


def test_finds_those_with_the_upn_or_all_the_particulars_that_came():
    found = Lookalikes({"p-001": IRIS, "p-002": IVY, "p-004": NELL})
    assert found.of(said(IVY, upn="")) == {"p-002": IVY}
    assert found.of(said(NELL, upn=IRIS.upn)) == {"p-001": IRIS, "p-004": NELL}
    assert found.of(said(NOBODY, family_name="Marlowe")) == {}
    assert found.of(said(NOBODY)) == {}
