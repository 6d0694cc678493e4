"""Who arrives when a person has said who it is, and what a person is told who has to."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from tests import cast
from tests.landing import keys, land, pupil, upn, who_is

from schoolgate.audit.actions import LINK
from schoolgate.audit.models import RecordChange
from schoolgate.holding.causes import CAUSES
from schoolgate.importing.arrivals import HELD_CODES, Register
from schoolgate.importing.sent_keys import said_by, to_remember
from schoolgate.matching.models import ExternalId
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.queries import known_pupils
from schoolgate.matching.rules import DOUBTED, TWO_SCHOOLS
from schoolgate.pupils.models import Pupil
from schoolgate_message.records import MatchKeys

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
STRANGER = keys("moved from the neighbour", external_id="p-004")


@pytest.fixture
def base():
    made = cast.base()
    land(made, pupil("changed surname"), pupil("no UPN"))
    return made


def register(base, **said):
    on = Occasion(base_id=base.pk, source="sims_primary", now=LATER)
    return Register(on=on, known=known_pupils(base.pk, source=on.source), states={}, on_roll=None, **said)


def resolve(base, *sent, **said):
    return register(base, **said).resolve([pupil(each) for each in sent])


def test_tells_whom_a_doubted_id_stood_for_and_what_came(base):
    arrivals, (unmatched,) = resolve(base, STRANGER, keys("no UPN"))
    assert [each.external_id for each in arrivals] == ["p-003"]
    assert (unmatched.code, unmatched.pupil_id, unmatched.said) == (DOUBTED, who_is(base, "p-004"), STRANGER)
    assert unmatched.is_held
    assert all((CAUSES[unmatched.code].sentence, CAUSES[unmatched.code].remedy))


def test_believes_a_doubted_id_that_a_person_released_and_the_next_time_too(base):
    (arrival,), unmatched = resolve(base, STRANGER, trusted={"p-004"})
    assert (arrival.pupil_id, unmatched) == (who_is(base, "p-004"), [])
    (arrival,), unmatched = resolve(base, STRANGER)
    assert (arrival.pupil_id, unmatched) == (who_is(base, "p-004"), [])


def test_parts_a_doubted_id_from_its_pupil_when_a_person_calls_it_another_child(base):
    first = who_is(base, "p-004")
    (arrival,), unmatched = resolve(base, STRANGER, separate={"p-004": first})
    assert unmatched == []
    assert arrival.is_new
    assert who_is(base, "p-004") == arrival.pupil_id != first
    kinds = RecordChange.objects.filter(group=LINK, at=LATER).order_by("id").values_list("kind", "pupil_id")
    assert list(kinds) == [("ended", first), ("added", arrival.pupil_id)]
    assert ExternalId.objects.filter(external_id="p-004", pupil_id=first, ended_at=LATER).exists()


def test_tells_whom_another_school_lists_under_the_name_that_came(base):
    other = cast.base("Beckside Primary")
    sent = keys("no UPN", external_id="b-1")
    arrivals, (unmatched,) = resolve(other, sent)
    assert arrivals == []
    assert (unmatched.code, unmatched.pupil_id, unmatched.said) == (TWO_SCHOOLS, who_is(base, "p-003"), sent)
    assert unmatched.code in HELD_CODES


def test_matches_or_adds_the_child_of_two_schools_as_a_person_said(base):
    one, two = cast.base("Beckside Primary"), cast.base("Carr Lane Primary")
    sent = keys("no UPN", external_id="b-1")
    (arrival,), _ = resolve(one, sent, trusted={"b-1"})
    assert (arrival.pupil_id, arrival.is_new) == (who_is(base, "p-003"), False)
    assert ExternalId.objects.get(base=one).matched_by == "person"
    (arrival,), _ = resolve(two, sent, separate={"b-1": who_is(base, "p-003")})
    assert arrival.is_new
    assert Pupil.objects.count() == 3


def test_tells_who_holds_the_upn_that_came(base):
    taken = keys("changed surname").upn
    (arrival,), unmatched = resolve(base, keys("no UPN", upn=taken))
    assert (arrival.upn_holder, unmatched) == (who_is(base, "p-004"), [])
    assert ExternalId.objects.get(external_id="p-003").upn == ""
    (arrival,), _ = resolve(base, keys("no UPN", upn=upn("820200020333")))
    assert arrival.upn_holder is None


def test_asks_nothing_of_ids_that_come_as_last_time(base, django_assert_num_queries):
    known = register(base)
    bare = pupil("changed surname", with_identity=False), pupil("no UPN", with_identity=False)
    with django_assert_num_queries(1):
        known.resolve(bare)


def test_takes_the_keys_from_where_the_message_tells_them():
    child, nobody = keys("twin one"), MatchKeys(external_id="p-001")
    in_blocks, in_keys = pupil("twin one"), pupil("twin one", with_identity=False)
    in_blocks.keys = nobody
    assert said_by(in_blocks) == said_by(in_keys) == said_by(pupil("twin one")) == child
    in_blocks.keys = keys("twin two", external_id="p-001")
    assert said_by(in_blocks) == child
    assert said_by(pupil(keys("twin one", upn="UNKNOWN"))).upn == ""


def test_remembers_what_was_not_spoken_of_and_forgets_what_was_left_out():
    child, nobody = keys("twin one"), MatchKeys(external_id="p-001")
    assert to_remember(pupil(nobody, with_identity=False), nobody, child) == child
    without_upn = msgspec.structs.replace(child, upn="")
    spoken = pupil(without_upn)
    spoken.blocks["identifiers"] = {}
    assert to_remember(spoken, without_upn, child) == without_upn
