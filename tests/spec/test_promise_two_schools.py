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
    land_bodies,
    links,
    message,
    planned,
    pupil,
    upn,
    who_is,
)

from schoolgate.audit.models import RecordChange
from schoolgate.blocks.queries import outstanding
from schoolgate.holding.actions import refuse
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.importing.actions import land_run
from schoolgate.importing.causes_gone import close_gone
from schoolgate.importing.releasing import release
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import Identifiers, Pupil
from schoolgate.runs.actions import take_up
from schoolgate.runs.models import Run
from schoolgate.runs.states import Origin, Stage

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
MUCH_LATER = cast.NOW + timedelta(days=2)
DAY_3, DAY_4, DAY_5, DAY_6 = (cast.NOW + timedelta(days=days) for days in range(3, 7))
THIRD_ADDRESS = {**OTHER_ADDRESS, "paon": "99"}
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


def waiting(at):
    return set(HeldItem.objects.filter(base=at, state="waiting").values_list("group", flat=True))


def asked_of(at):
    return {pair[:2] for pair in outstanding(at.pk, source=at.source)}


def landed(run_id, now):
    taken = take_up(run_id, stage=Stage.LANDING, worker="w", now=now)
    land_run(run_id=run_id, attempt=taken.attempt, now=now)
    return Run.objects.get(pk=run_id)


def settle(now):
    """What is clear by now is released by itself, and lands."""
    close_gone(now=now)
    due = Run.objects.filter(origin=Origin.RELEASE.value, stage=Stage.DUE.value)
    return [landed(run_id, now) for run_id in due.order_by("id").values_list("pk", flat=True)]


def decide(decision, *, now):
    entry = HeldEntry.objects.get(code="match.two_schools", state="open")
    by = cast.officer().pk
    done = release(entry.pk, by=by, reason="asked both schools", now=now, decision=decision)
    return landed(done.run_ids[0], now)


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


@pytest.mark.parametrize("state", ["Leaver", "Future"])
def test_septembers_movers_are_matched_once_the_school_before_lets_them_go(base, other, state):
    """A leaver, and somebody only expected, hold nobody back."""
    land(base, pupil("no UPN"))
    land(other, pupil(of_other("no UPN")), now=LATER)
    land(base, roll={"p-003": state}, now=LATER)
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


# Missing from a roll is not gone


def test_a_pupil_whom_a_roll_merely_misses_has_not_left_and_is_nobody_elses(base, other):
    land(base, pupil("no UPN", address=ADDRESS), pupil("twin one"))
    land(base, roll={"p-001": "Current"}, is_complete=True, now=LATER)
    run = land(other, pupil(of_other("no UPN"), address=OTHER_ADDRESS), now=LATER)
    assert codes(run) == ["match.two_schools"]
    close_gone(now=LATER)
    assert (waiting(other), held(base, "no UPN", "address")) == ({"address", "basic_details"}, ADDRESS)


@pytest.mark.parametrize("said_by", ["a leaving", "a person", "a UPN"])
def test_a_pupil_whom_a_roll_misses_is_matched_once_it_is_said_that_he_left(base, other, said_by):
    land(base, pupil("no UPN"), pupil("twin one"))
    land(base, roll={"p-001": "Current"}, is_complete=True, now=LATER)
    land(other, pupil(of_other("no UPN"), address=OTHER_ADDRESS), now=LATER)
    if said_by == "a leaving":
        land(base, roll={"p-003": "Leaver"}, now=MUCH_LATER)
    elif said_by == "a person":
        entry = HeldEntry.objects.get(code="roll.absent", state="open")
        release(entry.pk, by=cast.officer().pk, reason="asked the school", now=MUCH_LATER)
    else:
        both = upn("820200020333")
        land(base, pupil(keys("no UPN", upn=both)), roll={}, now=MUCH_LATER)
        land(other, pupil(of_other("no UPN", upn=both), address=OTHER_ADDRESS), now=MUCH_LATER)
    settle(MUCH_LATER)
    assert who_is(other, "b-1") == who_is(base, "p-003")
    assert held(other, of_other("no UPN"), "address") == OTHER_ADDRESS
    assert waiting(other) == set()


# Linked while only one had the child


def linked(first, second, *, state="Future"):
    """Two namesakes on one record: the first school's is expected, or has left, when the second comes."""
    land(first, pupil("no UPN", address=ADDRESS))
    land(first, roll={"p-003": state}, now=LATER)
    run = land(second, pupil(of_other("no UPN"), address=OTHER_ADDRESS), now=LATER)
    assert (codes(run), records()) == ([], 1)
    assert held(second, of_other("no UPN"), "address") == OTHER_ADDRESS


@pytest.mark.parametrize("state", ["Future", "Leaver"])
@pytest.mark.parametrize("brings", ["a block", "the roll alone"])
def test_namesakes_on_one_record_are_for_a_person_once_both_schools_have_the_child(
    base, other, state, brings
):
    linked(base, other, state=state)
    blocks = {"address": ADDRESS} if brings == "a block" else {}
    sent = [pupil("no UPN", **blocks)] if blocks else []
    for night in (DAY_3, DAY_4, DAY_5):
        run = land(base, *sent, roll={"p-003": "Current"}, now=night)
        assert codes(run) == (["match.two_schools"] if night == DAY_3 else []), "told once"
        again = land(other, pupil(of_other("no UPN"), address=OTHER_ADDRESS), now=night)
        assert codes(again) == []
        close_gone(now=night)
        assert held(other, of_other("no UPN"), "address") == OTHER_ADDRESS, "the first goes on as before"
    assert waiting(base) == ({"who", "address", "basic_details"} if blocks else {"who"})
    assert waiting(other) == set()
    assert HeldItem.objects.filter(pupil_id=who_is(other, "b-1"), state="waiting").exists()
    moved = land(other, pupil(of_other("no UPN"), address=THIRD_ADDRESS), now=DAY_6)
    assert held(other, of_other("no UPN"), "address") == THIRD_ADDRESS
    assert account(moved, "address") == {"received": 1, "written": 1}


def test_it_is_the_school_that_comes_to_have_the_child_second_that_waits(base, other):
    """The other way round: the newcomer was only expected when it was matched."""
    land(base, pupil("no UPN", address=ADDRESS))
    land(other, pupil(of_other("no UPN")), roll={"b-1": "Future"}, now=LATER)
    assert who_is(other, "b-1") == who_is(base, "p-003")
    run = land(other, pupil(of_other("no UPN"), address=OTHER_ADDRESS), now=DAY_3)
    assert codes(run) == ["match.two_schools"]
    assert account(run, "address") == {"received": 1, "unmatched": 1}
    assert held(base, "no UPN", "address") == ADDRESS
    assert codes(land(base, pupil("no UPN", address=OTHER_ADDRESS), now=DAY_4)) == []
    assert held(base, "no UPN", "address") == OTHER_ADDRESS


def test_both_in_one_night_are_asked_of_once_whichever_comes_first(base, other):
    for first, second, ids in ((base, other, ("p-003", "b-1")), (other, base, ("b-1", "p-003"))):
        HeldItem.objects.all().delete()
        ExternalId.objects.all().delete()
        land(base, pupil("no UPN"), roll={"p-003": "Future"})
        land(other, pupil(of_other("no UPN")), roll={"b-1": "Future"}, now=LATER)
        assert who_is(other, "b-1") == who_is(base, "p-003")
        runs = [
            land(each, roll={key: "Current"}, now=DAY_3)
            for each, key in zip((first, second), ids, strict=True)
        ]
        assert [codes(run) for run in runs] == [[], ["match.two_schools"]]


@pytest.mark.django_db(transaction=True)
def test_both_at_the_same_moment_are_asked_of_once(base, other):
    land(base, pupil("no UPN"), roll={"p-003": "Future"})
    land(other, pupil(of_other("no UPN")), roll={"b-1": "Future"}, now=LATER)
    runs = [
        planned(base, message(base, roll={"p-003": "Current"}), now=DAY_3),
        planned(other, message(other, roll={"b-1": "Current"}), now=DAY_3),
    ]
    land_at_once(*runs, now=DAY_3)
    assert sorted(code for run in runs for code in codes(run)) == ["match.two_schools"]


@pytest.mark.django_db(transaction=True)
def test_a_newcomer_at_the_moment_at_which_the_other_school_comes_to_have_its_child_is_asked_of(base, other):
    land(base, pupil("no UPN"), roll={"p-003": "Future"})
    runs = [
        planned(base, message(base, roll={"p-003": "Current"}), now=DAY_3),
        planned(other, message(other, pupil(of_other("no UPN"))), now=DAY_3),
    ]
    land_at_once(*runs, now=DAY_3)
    assert sorted(code for run in runs for code in codes(run)) == ["match.two_schools"]


@pytest.mark.parametrize("why", ["a UPN in common", "a person", "a move"])
def test_a_child_who_is_one_is_not_asked_of_again(base, other, why):
    both = upn("820200020333") if why == "a UPN in common" else ""
    land(base, pupil(keys("no UPN", upn=both)))
    if why == "a person":
        land(other, pupil(of_other("no UPN")), now=LATER)
        decide("same pupil", now=LATER)
    else:
        roll = {"b-1": "Future"}
        land(other, pupil(of_other("no UPN", upn=both)), roll=roll, now=LATER)
    if why == "a move":
        land(base, roll={"p-003": "Leaver"}, now=LATER)
    for state in ("Future", "Current"):
        run = land(
            other, pupil(of_other("no UPN", upn=both), address=ADDRESS), roll={"b-1": state}, now=DAY_3
        )
        assert "match.two_schools" not in codes(run)
    assert held(other, of_other("no UPN"), "address") == ADDRESS
    assert waiting(other) == set()


@pytest.mark.parametrize(
    "settled_by", ["the first leaves", "the second leaves", "its UPN", "the first's UPN"]
)
def test_it_is_decided_by_itself_when_a_school_lets_the_child_go_or_a_upn_comes(base, other, settled_by):
    both = upn("820200020333")
    land(base, pupil(keys("no UPN", upn=both if settled_by == "its UPN" else "")))
    land(other, pupil(of_other("no UPN")), roll={"b-1": "Future"}, now=LATER)
    known = both if settled_by == "the first's UPN" else ""
    land(other, pupil(of_other("no UPN", upn=known), address=ADDRESS), now=DAY_3)
    assert "address" in waiting(other)
    if settled_by == "the first leaves":
        land(base, roll={"p-003": "Leaver"}, now=DAY_4)
    elif settled_by == "the second leaves":
        land(other, roll={"b-1": "Future"}, now=DAY_4)
    elif settled_by == "its UPN":
        run = land(other, pupil(of_other("no UPN", upn=both), address=ADDRESS), now=DAY_4)
        assert codes(run) == []
    else:
        land(base, pupil(keys("no UPN", upn=both)), now=DAY_4)
    settle(DAY_4)
    assert waiting(other) == set()
    assert who_is(other, "b-1") == who_is(base, "p-003")
    later = land(
        other,
        pupil(
            of_other("no UPN", upn=known or (both if settled_by == "its UPN" else "")), address=OTHER_ADDRESS
        ),
        roll={"b-1": "Current"} if "leaves" not in settled_by else {"b-1": "Future"},
        now=DAY_5,
    )
    assert "match.two_schools" not in codes(later)


def test_a_upn_that_the_second_school_wrote_itself_says_nothing(base, other):
    mine = upn("820200020333")
    land(base, pupil("no UPN"))
    land(base, roll={"p-003": "Leaver"}, now=LATER)
    land(other, pupil(of_other("no UPN", upn=mine)), now=LATER)
    land(other, roll={"b-1": "Leaver"}, now=DAY_3)
    land(base, roll={"p-003": "Current"}, now=DAY_3)
    run = land(other, pupil(of_other("no UPN", upn=mine), address=ADDRESS), now=DAY_4)
    assert codes(run) == ["match.two_schools"]
    close_gone(now=DAY_4)
    assert "address" in waiting(other)


def test_from_expected_to_there_and_back_the_question_comes_and_goes(base, other):
    linked(base, other)
    for night in range(3, 9):
        now = cast.NOW + timedelta(days=night)
        state = "Current" if night % 2 else "Future"
        land(base, pupil("no UPN", address=ADDRESS), roll={"p-003": state}, now=now)
        settle(now)
        assert ("who" in waiting(base)) == (state == "Current")
        assert held(other, of_other("no UPN"), "address") == OTHER_ADDRESS
    assert (waiting(base), records()) == (set(), 1)


@pytest.mark.parametrize("brings", ["a block", "the roll alone"])
def test_another_child_gets_a_record_of_its_own_and_the_link_moves(base, other, brings):
    linked(base, other)
    sent = [pupil("no UPN", address=ADDRESS)] if brings == "a block" else []
    land(base, *sent, roll={"p-003": "Current"}, now=DAY_3)
    shared = who_is(other, "b-1")
    run = decide("another child", now=DAY_4)
    assert records() == 2
    assert who_is(other, "b-1") == shared != who_is(base, "p-003")
    assert held(other, of_other("no UPN"), "address") == OTHER_ADDRESS
    assert [
        (kind, before and before.get("rule"), after.get("rule")) for kind, before, after in links(run)
    ] == [
        ("ended", "added", None),
        ("added", None, "added"),
    ]
    assert {row.user_id for row in RecordChange.objects.filter(run_id=run.pk, group="link", kind="ended")}
    ended = ExternalId.objects.get(external_id="p-003", ended_at__isnull=False)
    assert (ended.pupil_id, ended.ended_why, ended.ended_by_run) == (shared, "used for another child", run.pk)
    again = land(base, pupil("no UPN", address=ADDRESS), now=DAY_5)
    assert (codes(again), waiting(base)) == ([], set())
    assert held(base, "no UPN", "address") == ADDRESS
    assert held(other, of_other("no UPN"), "address") == OTHER_ADDRESS


def test_another_child_is_another_one_even_if_the_first_school_lets_its_own_go_meanwhile(base, other):
    linked(base, other)
    land(base, pupil("no UPN", address=ADDRESS), roll={"p-003": "Current"}, now=DAY_3)
    entry = HeldEntry.objects.get(state="open")
    done = release(entry.pk, by=cast.officer().pk, reason="asked", now=DAY_4, decision="another child")
    land(other, roll={"b-1": "Leaver"}, now=DAY_4)
    landed(done.run_ids[0], DAY_4)
    assert who_is(other, "b-1") != who_is(base, "p-003")


def test_the_upn_that_another_child_brought_is_not_two_pupils_and_comes_to_its_own(base, other):
    mine = upn("820200020333")
    land(base, pupil("no UPN"), roll={"p-003": "Future"})
    land(other, pupil(of_other("no UPN", upn=mine)), roll={"b-1": "Future"}, now=LATER)
    assert held(base, "no UPN", "identifiers") == {"upn": mine}
    land(base, pupil("no UPN", address=ADDRESS), now=DAY_3)
    land(other, pupil(of_other("no UPN", upn=mine), address=ADDRESS), now=DAY_3)
    decide("another child", now=DAY_4)
    assert Identifiers.objects.filter(upn=mine).count() == 1
    assert ("p-003", "identifiers") in asked_of(base)
    land(base, pupil("no UPN", identifiers={"uci": "820107912345"}), now=DAY_5)
    land(other, pupil(of_other("no UPN", upn=mine)), now=DAY_5)
    assert held(base, "no UPN", "identifiers") == {"uci": "820107912345"}
    assert held(other, of_other("no UPN"), "identifiers") == {"upn": mine}


def test_the_same_child_is_confirmed_and_audited(base, other):
    linked(base, other)
    land(base, pupil("no UPN", address=ADDRESS), roll={"p-003": "Current"}, now=DAY_3)
    run = decide("same pupil", now=DAY_4)
    assert records() == 1
    assert links(run) == [
        (
            "changed",
            {"external_id": "p-003", "source": "sims_primary", "rule": "added"},
            {"external_id": "p-003", "source": "sims_primary", "rule": "person"},
        )
    ]
    land(base, roll={"p-003": "Future"}, now=DAY_5)
    assert codes(land(base, pupil("no UPN"), now=DAY_6)) == []
    assert waiting(base) == set()


def test_a_refused_question_stays_refused_until_its_cause_has_gone(base, other):
    linked(base, other)
    land(base, pupil("no UPN", address=ADDRESS), roll={"p-003": "Current"}, now=DAY_3)
    refuse(HeldEntry.objects.get(state="open").pk, by=cast.officer().pk, reason="later", now=DAY_3)
    again = land(base, pupil("no UPN", address=ADDRESS), now=DAY_4)
    assert (codes(again), waiting(base)) == ([], set())
    assert account(again, "address") == {"received": 1, "unchanged": 1}
    assert held(other, of_other("no UPN"), "address") == OTHER_ADDRESS
    land(other, roll={"b-1": "Leaver"}, now=DAY_5)
    land(base, pupil("no UPN", address=ADDRESS), now=DAY_6)
    assert held(base, "no UPN", "address") == ADDRESS


def test_an_absence_is_not_over_because_a_namesake_is_somewhere(base, other):
    land(other, pupil(of_other("no UPN")))
    land(base, pupil("no UPN"), pupil("twin one"), roll={"p-003": "Future", "p-001": "Current"}, now=LATER)
    land(other, roll={"b-1": "Leaver"}, now=LATER)
    land(base, roll={"p-003": "Current"}, now=DAY_3)
    land(base, roll={"p-001": "Current"}, is_complete=True, now=DAY_4)
    land(other, roll={"b-1": "Current"}, now=DAY_5)
    close_gone(now=DAY_5)
    assert "" in waiting(base), "who is missing at the one may not be who is at the other"


def test_what_is_released_by_itself_waits_again_if_its_reason_has_gone_before_it_lands(base, other):
    linked(base, other)
    land(base, pupil("no UPN", address=ADDRESS), roll={"p-003": "Current"}, now=DAY_3)
    land(other, roll={"b-1": "Leaver"}, now=DAY_4)
    close_gone(now=DAY_4)
    land(other, roll={"b-1": "Current"}, now=DAY_4)
    [run] = settle(DAY_4)
    assert (codes(run), waiting(base)) == (["match.two_schools"], {"who", "address", "basic_details"})
    assert held(other, of_other("no UPN"), "address") == OTHER_ADDRESS
    assert ExternalId.objects.get(external_id="p-003").matched_by == "added"
    assert settle(DAY_5) == [], "and it does not go round"


def test_the_question_stands_while_the_second_school_merely_misses_the_child(base, other):
    linked(base, other)
    sent = [pupil("no UPN", address=ADDRESS), pupil("twin one")]
    land(base, *sent, now=DAY_3)
    land(base, roll={"p-001": "Current"}, is_complete=True, now=DAY_4)
    assert settle(DAY_4) == []
    assert waiting(base) == {"who", "", "address", "basic_details"}
    assert codes(land(base, *sent, now=DAY_5)) == []
    assert waiting(base) == {"who", "address", "basic_details"}


def test_of_three_schools_the_first_goes_on_and_each_other_is_asked_of(base, other):
    third = cast.base("Carr Lane Primary")
    land(base, pupil("no UPN", address=ADDRESS), roll={"p-003": "Future"})
    land(other, pupil(of_other("no UPN")), roll={"b-1": "Future"}, now=LATER)
    at_third = keys("no UPN", external_id="c-1")
    land(third, pupil(at_third), roll={"c-1": "Future"}, now=LATER)
    places = ((base, keys("no UPN")), (other, of_other("no UPN")), (third, at_third))
    runs = [land(at, pupil(who, address=THIRD_ADDRESS), now=DAY_3) for at, who in places]
    assert [codes(run) for run in runs] == [[], ["match.two_schools"], ["match.two_schools"]]
    land(base, roll={"p-003": "Leaver"}, now=DAY_4)
    done = settle(DAY_4)
    assert sorted(code for run in done for code in codes(run)) == ["match.two_schools"], "one of them is next"
    assert sorted(map(len, (waiting(other), waiting(third)))) == [0, 3]
    assert settle(DAY_5) == []


def test_who_says_that_an_id_is_right_has_not_said_that_two_schools_have_one_child(base, other):
    linked(base, other)
    land(base, roll={"p-003": "Current"}, now=DAY_3)
    stranger = keys("an apostrophe", external_id="p-003")
    land(base, pupil(stranger, address=THIRD_ADDRESS), now=DAY_4)
    entry = HeldEntry.objects.get(code="match.doubted")
    done = release(entry.pk, by=cast.officer().pk, reason="asked", now=DAY_5)
    landed(done.run_ids[0], DAY_5)
    assert held(other, of_other("no UPN"), "address") == OTHER_ADDRESS
    assert "who" in waiting(base)


def test_a_question_asked_of_one_part_of_a_message_holds_for_the_next(base, other):
    linked(base, other)
    roll = {"p-003": "Current"}
    parts = [
        message(base, roll=roll, part=1, parts=2, made_at=DAY_3),
        message(base, pupil("no UPN", address=ADDRESS), roll=roll, part=2, parts=2, made_at=DAY_3),
    ]
    run = land_bodies(base, *parts, now=DAY_3)
    assert set(codes(run)) == {"match.two_schools"}
    assert held(other, of_other("no UPN"), "address") == OTHER_ADDRESS
    assert waiting(base) == {"who", "address", "basic_details"}
