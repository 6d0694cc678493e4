"""# Nobody asks for what can't come

What came and did not land is asked for again, night after night, until it lands. That ends when it no longer can:
when the pupil has left and may no longer send it, when the school deletes it, or has no such mark any more.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, account, codes, enrolled, held, keys, land, pupil

from schoolgate.blocks.queries import outstanding
from schoolgate.holding.models import HeldEntry
from schoolgate.importing.releasing import release
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (cast.NOW + timedelta(days=days) for days in range(4))
WRONG = {"ethnicity_language": {"ethnicity": "nonsense"}}
WRONG_MARK = [DayMarks(on="2026-11-19", am="?")]


@pytest.fixture
def base():
    return cast.base()


def asked_of(at):
    return {each[:2] for each in outstanding(at.pk, source=at.source)}


def refused_of(at, who="twin one"):
    land(at, pupil(who, enrolments=[enrolled(at)], **WRONG), pupil("twin two"))
    assert asked_of(at) == {(keys(who).external_id, "ethnicity_language")}


@pytest.mark.parametrize("sent", ["with the leaving date", "by the roll alone", "with what was refused"])
def test_a_leavers_refused_block_is_not_asked_for_any_more(base, sent):
    refused_of(base)
    left = {
        "with the leaving date": [pupil("twin one", enrolments=[enrolled(base, leaving_on="2026-11-20")])],
        "by the roll alone": [],
        "with what was refused": [pupil("twin one", **WRONG)],
    }[sent]
    run = land(base, *left, roll={"p-001": "Leaver"}, now=TUESDAY)
    assert asked_of(base) == set()
    assert "refused" not in {each.kind for each in run.exceptions.all()}
    if sent == "with what was refused":
        assert account(run, "ethnicity_language") == {"received": 1, "left_out": 1}
    land(base, pupil("twin one", **WRONG), roll={"p-001": "Current"}, now=WEDNESDAY)
    assert asked_of(base) == {("p-001", "ethnicity_language")}, "who is back is asked of again"


def test_what_a_leaver_may_still_send_is_asked_for_until_it_lands(base):
    wrong = enrolled(base, leaving_on="2026-11-20", nc_year="nonsense")
    land(base, pupil("twin one", marks=WRONG_MARK, enrolments=[enrolled(base)]))
    land(base, pupil("twin one", enrolments=[wrong]), roll={"p-001": "Leaver"}, now=TUESDAY)
    assert asked_of(base) == {("p-001", "attendance"), ("p-001", "enrolments")}
    right = enrolled(base, leaving_on="2026-11-20")
    marks = [DayMarks(on="2026-11-19", am="/")]
    land(base, pupil("twin one", enrolments=[right], marks=marks), roll={"p-001": "Leaver"}, now=WEDNESDAY)
    assert asked_of(base) == set()


def test_nobody_asks_for_a_leaver_whom_a_person_says_to_have_left(base):
    refused_of(base)
    land(base, roll={"p-002": "Current"}, is_complete=True, now=TUESDAY)
    entry = HeldEntry.objects.get(code="roll.absent")
    release(entry.pk, by=cast.officer().pk, reason="asked the school", now=WEDNESDAY)
    assert asked_of(base) == set()


def test_an_unmatched_pupil_who_leaves_is_asked_for_the_leaving_alone(base):
    nameless = keys("twin one", upn="", family_name="", given_name="", date_of_birth="", sex="")
    sent = pupil(nameless, with_identity=False, address=ADDRESS, enrolments=[enrolled(base)])
    land(base, sent, pupil("twin two"))
    assert asked_of(base) == {("p-001", "address"), ("p-001", "enrolments")}
    land(base, roll={"p-001": "Leaver"}, now=TUESDAY)
    assert asked_of(base) == {("p-001", "enrolments")}


def test_a_leaver_does_not_come_to_speak_where_he_left(base):
    """The other school lets the child go as well: what this one was not heard about is not asked for."""
    other = cast.base("Beckside Primary")
    there = keys("twin one", external_id="b-1")
    land(base, pupil("twin one", address=ADDRESS, enrolments=[enrolled(base, entry_on="2020-09-01")]))
    land(other, pupil(there, address=OTHER_ADDRESS, enrolments=[enrolled(other, entry_on="2026-09-01")]))
    land(base, pupil("twin one", address={**ADDRESS, "paon": "15"}), now=TUESDAY)
    assert held(base, "twin one", "address") == OTHER_ADDRESS
    land(base, roll={"p-001": "Leaver"}, now=WEDNESDAY)
    land(other, roll={"b-1": "Leaver"}, now=THURSDAY)
    assert asked_of(base) == set()


@pytest.mark.parametrize("known", [True, False])
def test_what_the_school_deletes_is_not_asked_for_any_more(base, known):
    who = keys("twin one")
    if not known:
        who = keys("twin one", upn="", family_name="", given_name="", date_of_birth="", sex="")
        land(base, pupil(who, with_identity=False, address=ADDRESS))
    else:
        refused_of(base)
    group = "ethnicity_language" if known else "address"
    assert ("p-001", group) in asked_of(base)
    run = land(base, pupil(who, with_identity=False, deleted=[group]), now=TUESDAY)
    assert account(run, group) == {"received": 1, "unchanged": 1}
    assert (asked_of(base), codes(run)) == (set(), [])


def test_enrolments_that_wait_for_a_person_are_not_asked_for(base):
    wrong = [enrolled(base, nc_year="nonsense")]
    land(base, pupil("twin one", enrolments=[enrolled(base)]))
    land(base, pupil("twin one", enrolments=wrong), now=TUESDAY)
    assert asked_of(base) == {("p-001", "enrolments")}
    land(base, pupil("twin one", with_identity=False, deleted=["enrolments"]), now=WEDNESDAY)
    assert asked_of(base) == set()
    assert HeldEntry.objects.get().code == "delete.enrolments"
