"""Matching many pupils at once agrees with the rules applied one by one to the whole register."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast

from schoolgate.matching.actions import NewLink, claim_pupils, link_pupils, mark_absent, see_roll
from schoolgate.matching.models import Claim
from schoolgate.matching.queries import find_matches, known_pupils, links_elsewhere
from schoolgate.matching.rules import Candidate, Match, match
from schoolgate.pupils.actions import Source, add_pupils, write_blocks
from schoolgate_message import groups
from schoolgate_message.records import MatchKeys

pytestmark = pytest.mark.django_db

UPNS = ("", "A820200020001", "B820200020002", "C820200020003")
STATES = ("Current", "Leaver", "Absent", "Future")


def _people():
    return st.builds(
        MatchKeys,
        external_id=st.just(""),
        upn=st.sampled_from(UPNS),
        family_name=st.sampled_from(("Marlowe", "MÁRLOWE", "Khan")),
        given_name=st.sampled_from(("Iris", "Ivy")),
        date_of_birth=st.sampled_from(("2017-03-09", "2017-03-10", "")),
        sex=st.sampled_from(("F", "M", "")),
    )


_HELD = st.lists(st.tuples(_people(), st.sampled_from(UPNS), st.sampled_from((None, *STATES))), max_size=6)


def write(pupils, base_id):
    """Put pupils into the register: keys, former UPN, and the base's link to them, if any, in a roll state."""
    ids = add_pupils(len(pupils), run_id=None, now=cast.NOW)
    identifiers, details, links = {}, {}, []
    for pupil_id, (keys, former_upn, state) in zip(ids, pupils, strict=True):
        told = {name: value for name, value in msgspec.structs.asdict(keys).items() if value}
        identifiers[pupil_id] = {
            name: value for name, value in (("upn", keys.upn), ("former_upn", former_upn)) if value
        }
        details[pupil_id] = {name: value for name, value in told.items() if name != "upn"}
        if state is not None:
            linked = msgspec.structs.replace(keys, external_id=f"linked-{pupil_id}")
            links.append(NewLink(keys=linked, pupil_id=pupil_id, rule="added", roll_state=state))
    source = Source(base_id=base_id, run_id=None, written_at=cast.NOW)
    write_blocks(groups.IDENTIFIERS, added=identifiers, changed={}, source=source)
    write_blocks(groups.BASIC_DETAILS, added=details, changed={}, source=source)
    link_pupils(links, base_id=base_id, run_id=None, now=cast.NOW)
    return ids


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pupils=_HELD, sent=st.lists(_people(), min_size=1, max_size=4))
def test_agrees_with_the_rules_applied_to_the_whole_register(pupils, sent):
    base = cast.base_on_sims_7()
    ids = write(pupils, base.pk)
    keys = [msgspec.structs.replace(each, external_id=f"new-{place}") for place, each in enumerate(sent)]
    everybody = [
        Candidate(
            pupil_id=pupil_id,
            upn=each.upn,
            former_upn=former_upn,
            family_name=each.family_name,
            given_name=each.given_name,
            date_of_birth=each.date_of_birth,
            sex=each.sex,
            is_taken=state in {"Current", "Future"},
        )
        for pupil_id, (each, former_upn, state) in zip(ids, pupils, strict=True)
    ]
    assert find_matches(base.pk, keys) == {each.external_id: match(each, everybody) for each in keys}
    for pupil_id in ids:
        _take_out(pupil_id)


def _take_out(pupil_id):
    from schoolgate.matching.models import ExternalId
    from schoolgate.pupils.models import BasicDetails, Identifiers, Pupil

    for model in (Identifiers, BasicDetails, ExternalId):
        model.objects.filter(pupil_id=pupil_id).delete()
    Pupil.objects.filter(pk=pupil_id).delete()


def linked(base, who, state="Current"):
    return write([(cast.PUPILS[who], "", state)], base.pk)[0]


def test_knows_a_pupil_by_the_external_id_before_anything_else():
    base = cast.base()
    pupil_id = linked(base, "twin one")
    stranger = msgspec.structs.replace(cast.PUPILS["twin two"], external_id=f"linked-{pupil_id}")
    found = find_matches(base.pk, [stranger])
    assert found == {stranger.external_id: Match(pupil_id=pupil_id, rule="external id")}


def test_knows_nobody_by_another_bases_external_id():
    base, other = cast.base(), cast.base("Beckside Primary")
    pupil_id = linked(base, "twin one")
    stranger = msgspec.structs.replace(cast.PUPILS["twin two"], external_id=f"linked-{pupil_id}")
    assert find_matches(other.pk, [stranger])[stranger.external_id].pupil_id is None


def test_lets_go_of_a_pupil_whose_old_external_id_is_not_on_a_complete_roll():
    base = cast.base()
    pupil_id = linked(base, "twin one")
    sent = [cast.PUPILS["twin one"]]
    assert find_matches(base.pk, sent)["p-001"].problem_code == "match.upn_taken"
    assert find_matches(base.pk, sent, on_roll={"p-001"})["p-001"].pupil_id == pupil_id


def test_keeps_a_claimed_pupil_from_a_second_external_id():
    base = cast.base()
    pupil_id = linked(base, "twin one", state="Leaver")
    sent = [cast.PUPILS["twin one"]]
    assert find_matches(base.pk, sent)["p-001"].pupil_id == pupil_id
    assert find_matches(base.pk, sent, claimed={pupil_id})["p-001"].problem_code == "match.upn_taken"


def test_tells_how_a_pupil_was_last_seen():
    base, other = cast.base(), cast.base("Beckside Primary")
    pupil_id = linked(base, "twin one")
    see_roll({f"linked-{pupil_id}": "Leaver"}, base_id=base.pk, run_id=7)
    assert known_pupils(base.pk)[f"linked-{pupil_id}"].roll_state == "Leaver"
    mark_absent([f"linked-{pupil_id}"], base_id=base.pk)
    assert links_elsewhere([pupil_id], other.pk) == {pupil_id: {base.pk: "Absent"}}


def test_leaves_no_claim_behind():
    claim_pupils(cast.PUPILS.values())
    assert not Claim.objects.exists()
