"""Matching many pupils at once agrees with the rules applied one by one to the whole register."""

from __future__ import annotations

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast
from tests.landing import keys, upn

from schoolgate.bases.models import Base
from schoolgate.lib.folding import fold
from schoolgate.matching.actions import NewLink, end_links, link_pupils, mark_absent, see_roll
from schoolgate.matching.claims import claim_pupils
from schoolgate.matching.doubts import HeldKeys
from schoolgate.matching.models import Claim, ExternalId
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.queries import (
    find_matches,
    held_keys,
    holders_of,
    known_pupils,
    links_elsewhere,
    pupils_known_as,
)
from schoolgate.matching.rolls import missing_from_roll
from schoolgate.matching.rules import OTHER_CHILD, TWO_SCHOOLS, Candidate, Match, match
from schoolgate.pupils.actions import Source, add_pupils, write_blocks
from schoolgate.pupils.models import BasicDetails, Identifiers
from schoolgate_message import groups
from schoolgate_message.records import MatchKeys
from schoolgate_message.roll_states import attends, is_on_roll, may_attend

pytestmark = pytest.mark.django_db

SIMS = "sims_primary"
UPNS = ("", "UNKNOWN", "Z820200020001", upn("820200020001"), upn("820200020002"), upn("82020002000A"))
STATES = ("Current", "Leaver", "Absent", "Future")


def _people():
    return st.builds(
        MatchKeys,
        external_id=st.just(""),
        upn=st.sampled_from(UPNS),
        family_name=st.sampled_from(("Marlowe", "MÁRLOWE", "Khan", "")),
        given_name=st.sampled_from(("Iris", "Ivy")),
        date_of_birth=st.sampled_from(("2017-03-09", "2017-03-10", "")),
        sex=st.sampled_from(("F", "M", "")),
    )


_LINKS = st.tuples(*(st.sampled_from((None, *STATES)) for _ in range(2)))
_HELD = st.lists(st.tuples(_people(), st.sampled_from(UPNS), _LINKS), max_size=6)


def occasion(base_id, source=SIMS, run_id=None):
    return Occasion(base_id=base_id, source=source, now=cast.NOW, run_id=run_id)


def write(pupils, base_id, elsewhere_id=None):
    """Put pupils into the register: keys, former UPN, and the roll state at the base and elsewhere, if any."""
    ids = add_pupils(len(pupils), run_id=None, now=cast.NOW)
    identifiers, details = {}, {}
    links = {base_id: [], elsewhere_id: []}
    for pupil_id, (held, former_upn, states) in zip(ids, pupils, strict=True):
        told = {name: value for name, value in msgspec.structs.asdict(held).items() if value}
        identifiers[pupil_id] = {
            name: value for name, value in (("upn", held.upn), ("former_upn", former_upn)) if value
        }
        details[pupil_id] = {
            name: value for name, value in told.items() if name not in {"upn", "external_id"}
        }
        for at, state in zip(links, states, strict=False):
            if state is not None:
                linked = msgspec.structs.replace(held, external_id=f"linked-{pupil_id}")
                links[at].append(NewLink(keys=linked, pupil_id=pupil_id, rule="added", roll_state=state))
    source = Source(base_id=base_id, run_id=None, written_at=cast.NOW)
    write_blocks(groups.IDENTIFIERS, added=identifiers, changed={}, source=source)
    write_blocks(groups.BASIC_DETAILS, added=details, changed={}, source=source)
    for at, some in links.items():
        if some:
            link_pupils(some, on=occasion(at))
    return ids


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    pupils=_HELD,
    sent=st.lists(_people(), min_size=1, max_size=4),
    state=st.sampled_from(STATES),
    data=st.data(),
)
def test_agrees_with_the_rules_applied_to_the_whole_register(pupils, sent, state, data):
    with transaction.atomic():
        _compare(pupils, sent, state, data)
        transaction.set_rollback(True)


def _compare(pupils, sent, state, data):
    base, other = cast.base_on_sims_7(), cast.base_on_sims_7("Beckside Primary")
    ids = write(pupils, base.pk, other.pk)
    unfolded = data.draw(st.sets(st.sampled_from(ids))) if ids else set()
    BasicDetails.objects.filter(pupil_id__in=unfolded).update(names_folded=None)
    everybody = [
        Candidate(
            pupil_id=pupil_id,
            upn=each.upn,
            former_upn=former_upn,
            family_name=each.family_name,
            given_name=each.given_name,
            date_of_birth=each.date_of_birth,
            sex=each.sex,
            is_elsewhere=there is not None and may_attend(there),
            is_taken=here is not None and is_on_roll(here),
        )
        for pupil_id, (each, former_upn, (here, there)) in zip(ids, pupils, strict=True)
    ]
    asked = [msgspec.structs.replace(each, external_id=f"new-{place}") for place, each in enumerate(sent)]
    states = {each.external_id: state for each in asked}
    assert find_matches(base.pk, asked, source=SIMS, states=states) == {
        each.external_id: match(each, everybody, attends=attends(state)) for each in asked
    }


def linked(base, who, state="Current"):
    return write([(keys(who), "", (state,))], base.pk)[0]


def test_knows_a_pupil_by_the_external_id_before_anything_else():
    base = cast.base()
    pupil_id = linked(base, "twin one")
    stranger = keys("twin two", external_id=f"linked-{pupil_id}")
    found = find_matches(base.pk, [stranger], source=SIMS)
    assert found == {stranger.external_id: Match(pupil_id=pupil_id, rule="external id")}


def test_knows_nobody_by_another_bases_or_another_sources_external_id():
    base, other = cast.base(), cast.base("Beckside Primary")
    pupil_id = linked(base, "twin one")
    external_id = f"linked-{pupil_id}"
    stranger = keys("twin two", external_id=external_id)
    assert find_matches(other.pk, [stranger], source=SIMS)[external_id].pupil_id is None
    assert find_matches(base.pk, [stranger], source="sims_7")[external_id].pupil_id is None
    assert known_pupils(base.pk, source="sims_7") == {}
    assert pupils_known_as([external_id], base_id=base.pk, source=SIMS) == {external_id: pupil_id}
    assert pupils_known_as([external_id], base_id=base.pk, source="sims_7") == {}


def test_keeps_what_each_source_of_a_base_says_apart():
    base = cast.base()
    pupil_id = linked(base, "twin one")
    again = keys("twin one", external_id=f"linked-{pupil_id}")
    link_pupils([NewLink(keys=again, pupil_id=pupil_id, rule="upn")], on=occasion(base.pk, "sims_7"))
    see_roll({again.external_id: "Leaver"}, on=occasion(base.pk, "sims_7", run_id=7))
    assert known_pupils(base.pk, source=SIMS)[again.external_id].roll_state == "Current"
    assert known_pupils(base.pk, source="sims_7")[again.external_id].roll_state == "Leaver"
    assert missing_from_roll(base.pk, source=SIMS, run_id=7, cohort=[]) == {again.external_id: pupil_id}
    assert missing_from_roll(base.pk, source="sims_7", run_id=8, cohort=[]) == {}


def test_matches_a_child_whom_another_source_of_the_base_lists_too():
    base = cast.base()
    pupil_id = linked(base, "no UPN")
    sent = keys("no UPN", external_id="other-1")
    assert find_matches(base.pk, [sent], source=SIMS)["other-1"].pupil_id is None
    assert find_matches(base.pk, [sent], source="sims_7")["other-1"].pupil_id == pupil_id


def test_forgets_a_link_that_has_ended_and_keeps_it_as_history():
    base = cast.base()
    pupil_id = linked(base, "twin one")
    external_id = f"linked-{pupil_id}"
    officer = cast.officer()
    ended = end_links([external_id, "nobody"], on=occasion(base.pk, run_id=9), why=OTHER_CHILD, by=officer.pk)
    assert ended == {external_id: pupil_id}
    assert known_pupils(base.pk, source=SIMS) == {}
    assert links_elsewhere([pupil_id], base.pk + 1) == {}
    assert find_matches(base.pk, [keys("twin one", external_id=external_id)], source=SIMS) == {
        external_id: Match(pupil_id=pupil_id, rule="upn")
    }
    assert end_links([external_id], on=occasion(base.pk), why=OTHER_CHILD) == {}
    kept = ExternalId.objects.get()
    assert (kept.ended_at, kept.ended_why, kept.ended_by_run, kept.ended_by) == (
        cast.NOW,
        OTHER_CHILD,
        9,
        officer.pk,
    )
    again = NewLink(keys=keys("twin two", external_id=external_id), pupil_id=pupil_id, rule="person")
    link_pupils([again], on=occasion(base.pk))
    assert ExternalId.objects.count() == 2


def test_lets_go_of_a_pupil_whose_old_external_id_is_not_on_a_complete_roll():
    base = cast.base()
    pupil_id = linked(base, "twin one")
    sent = [keys("twin one")]
    assert find_matches(base.pk, sent, source=SIMS)["p-001"].problem_code == "match.upn_taken"
    assert find_matches(base.pk, sent, source=SIMS, on_roll={"p-001"})["p-001"].pupil_id == pupil_id


def test_keeps_a_claimed_pupil_from_a_second_external_id():
    base = cast.base()
    pupil_id = linked(base, "twin one", state="Leaver")
    sent = [keys("twin one")]
    assert find_matches(base.pk, sent, source=SIMS)["p-001"].pupil_id == pupil_id
    found = find_matches(base.pk, sent, source=SIMS, claimed={pupil_id})["p-001"]
    assert (found.problem_code, found.candidate_id) == ("match.upn_taken", pupil_id)


def test_tells_how_a_pupil_was_last_seen():
    base, other = cast.base(), cast.base("Beckside Primary")
    pupil_id = linked(base, "twin one")
    see_roll({f"linked-{pupil_id}": "Leaver"}, on=occasion(base.pk, run_id=7))
    assert known_pupils(base.pk, source=SIMS)[f"linked-{pupil_id}"].roll_state == "Leaver"
    mark_absent([f"linked-{pupil_id}"], on=occasion(base.pk))
    assert links_elsewhere([pupil_id], other.pk) == {pupil_id: {base.pk: "Absent"}}


@pytest.mark.parametrize("state", STATES)
def test_asks_a_person_about_a_child_whom_another_base_lists_now(state):
    base, other = cast.base(), cast.base("Beckside Primary")
    pupil_id = linked(base, "no UPN", state=state)
    found = find_matches(other.pk, [keys("no UPN", external_id="b-3")], source=SIMS)["b-3"]
    expected = (None, TWO_SCHOOLS) if state in {"Current", "Absent"} else (pupil_id, "")
    assert (found.pupil_id, found.problem_code) == expected


def test_asks_nobody_about_a_child_whom_only_a_closed_base_lists():
    base, other = cast.base(), cast.base("Beckside Primary")
    pupil_id = linked(base, "no UPN")
    Base.objects.filter(pk=base.pk).update(is_active=False)
    found = find_matches(other.pk, [keys("no UPN", external_id="b-3")], source=SIMS)
    assert found["b-3"].pupil_id == pupil_id


def test_tells_who_holds_a_upn_now():
    base = cast.base()
    pupil_id = linked(base, "twin one")
    former = keys("twin two").upn
    Identifiers.objects.filter(pupil_id=pupil_id).update(former_upn=former)
    assert holders_of([keys("twin one").upn, former, "UNKNOWN"]) == {keys("twin one").upn: pupil_id}
    assert holders_of([]) == {}


def test_reads_by_what_a_pupil_is_and_was_known():
    base = cast.base()
    pupil_id = linked(base, "twin one")
    nobody = add_pupils(1, run_id=None, now=cast.NOW)[0]
    Identifiers.objects.filter(pupil_id=pupil_id).update(former_upn=keys("twin two").upn)
    BasicDetails.objects.filter(pupil_id=pupil_id).update(
        preferred_given_name="Rissy", former_family_name="O'Dell"
    )
    seen = MatchKeys(
        external_id="p-001", upn=keys("no UPN").upn, given_name="Irís", date_of_birth="2017-03-08"
    )
    assert held_keys({pupil_id: [seen], nobody: []}) == {
        pupil_id: HeldKeys(
            upns=frozenset({keys("twin one").upn, keys("twin two").upn}),
            births=frozenset({"2017-03-09", "2017-03-08"}),
            family_names=frozenset({fold("Marlowe"), fold("O'Dell")}),
            given_names=frozenset({fold("Iris"), fold("Rissy")}),
            sexes=frozenset({"F"}),
        ),
        nobody: HeldKeys(),
    }


def test_leaves_no_claim_behind():
    claim_pupils(cast.PUPILS.values(), upns=[keys("twin one").upn])
    claim_pupils((), upns=[keys("twin one").upn])
    assert not Claim.objects.exists()
