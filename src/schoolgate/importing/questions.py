"""Asks again who a pupil is when a second school comes to have the child that two schools share.

Two namesakes may have been linked to one record while one of the schools had not got the child: it was
expected there, or had left. Particulars were enough then. Once both list the child, and no UPN and no person
has settled that it is one, a person decides: the second school's blocks wait, with the question itself on
Held, so that it stands until it is answered although nothing of the roll changes any more. The first school
goes on as before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from schoolgate.blocks.actions import forget, note_outstanding
from schoolgate.blocks.queries import said_of
from schoolgate.holding.actions import let_go, put_aside
from schoolgate.holding.causes import SAME_PUPIL, TWO_SCHOOLS
from schoolgate.holding.queries import questioned_at
from schoolgate.holding.rules import WHO, Waiting, fixed_digest
from schoolgate.holding.states import ItemState
from schoolgate.importing.admission import may_send
from schoolgate.importing.circumstances import Facts
from schoolgate.importing.speaking import SPEAKS_NOW, let_sources_speak, let_speak
from schoolgate.importing.tally import Tally
from schoolgate.importing.writing import Errand
from schoolgate.matching.actions import confirm_links
from schoolgate.matching.claims import claim_pupils
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.queries import Known, external_ids_at, shared_links
from schoolgate.matching.rules import Question, SharedLink, is_known_as_one, upns_of
from schoolgate.runs.rules import Problem
from schoolgate_message import groups
from schoolgate_message.items import DataGroup, Scope
from schoolgate_message.roll_states import LEAVER, begins_to_attend, may_attend

ANSWERED = "It is clear by now who the pupil is."


def open_questions(
    known: Mapping[str, Known], states: Mapping[str, str], *, facts: Facts, settled: Collection[str]
) -> dict[str, Question]:
    """Of which known ids (external ids) a person must say who it is, before anything of the file lands.

    ``states`` is the file's roll, as far as it is believed. ``settled`` are ids of which a person has just
    said something. Whoever else is landing one of these children waits, and sees what this roll says.
    """
    asked = set(_standing(facts)) & known.keys()
    begun = {
        external_id
        for external_id, state in states.items()
        if external_id in known and begins_to_attend(state, before=known[external_id].roll_state)
    }
    if begun:
        claim_pupils(known[each].keys for each in sorted(begun))
    wanted = {each: known[each] for each in sorted((asked | begun) - set(settled))}
    pupil_ids = {each.pupil_id for each in wanted.values()}
    if not pupil_ids:
        return {}
    links, questioned = shared_links(pupil_ids), questioned_at(pupil_ids)
    found: dict[str, Question] = {}
    for external_id, each in wanted.items():
        if not may_attend(states.get(external_id, each.roll_state)):
            continue
        others = _unsettled(external_id, links[each.pupil_id], facts, questioned.get(each.pupil_id, set()))
        if others:
            found[external_id] = Question(keys=each.keys, pupil_id=each.pupil_id, upns=upns_of(others))
    return found


def _unsettled(
    external_id: str, links: Sequence[SharedLink], facts: Facts, questioned: Collection[int]
) -> list[SharedLink]:
    """The links of other schools that may have the child, of which it is open whether it is the same."""
    own = [
        each
        for each in links
        if (each.base_id, each.source, each.external_id) == (facts.base_id, facts.source, external_id)
    ]
    return [
        other
        for other in links
        if other.base_id != facts.base_id
        and other.base_id not in questioned  # that one waits already, and not this
        and may_attend(other.roll_state)
        and not any(is_known_as_one(each, other) for each in own)
    ]


def _standing(facts: Facts) -> list[str]:
    """The ids of which the question stands, waiting or refused."""
    return [external_id for (external_id, group), each in facts.standing.items() if group == WHO]


def confirm_answered(*, facts: Facts, on: Occasion) -> set[str]:
    """Note of the ids of which a person has said so that they are their pupil's; answers which.

    Whoever released something else of such a pupil has answered another question.
    """
    asked = set(_standing(facts))
    said: dict[int, set[str]] = defaultdict(set)
    for (external_id, group), each in facts.released.items():
        of = facts.standing.get((external_id, group))
        is_about_this = of is not None and of.code == TWO_SCHOOLS.code
        if external_id in asked and is_about_this and each.decision == SAME_PUPIL and each.by is not None:
            said[each.by].add(external_id)
    for by, external_ids in said.items():
        confirm_links(sorted(external_ids), on=on, by=by)
    return {external_id for each in said.values() for external_id in each}


def settle_questions(
    questions: Mapping[str, Question],
    *,
    answered: Collection[str],
    facts: Facts,
    errand: Errand,
    tally: Tally,
) -> None:
    """Once a file's pupils have been gone through: put aside what is still to be asked, end what isn't."""
    still = {external_id: each for external_id, each in questions.items() if external_id not in answered}
    known = {
        external_id
        for external_id in _standing(facts)
        if (external_id, WHO) not in facts.released
        or facts.standing[external_id, WHO].state != ItemState.WAITING.value
    }
    new = {external_id: each for external_id, each in still.items() if external_id not in known}
    put_aside(
        [_waiting(external_id, each, facts, errand) for external_id, each in new.items()],
        base_id=facts.base_id,
        run_id=errand.run_id,
        now=errand.now,
    )
    told = {each.external_id for each in tally.problems if each.code == TWO_SCHOOLS.code}
    tally.problems += [_told(each, new[each]) for each in new if each not in told]
    let_go(
        [(each, WHO) for each in _standing(facts) if each not in still],
        base_id=facts.base_id,
        source=facts.source,
        why=ANSWERED,
        now=errand.now,
    )


def _waiting(external_id: str, question: Question, facts: Facts, errand: Errand) -> Waiting:
    return Waiting(
        external_id=external_id,
        source=facts.source,
        group=WHO,
        kind=WHO,
        code=TWO_SCHOOLS.code,
        digest=fixed_digest(WHO),
        read_at=errand.read_at,
        keys=question.keys,
        pupil_id=question.pupil_id,
    )


def _told(external_id: str, question: Question) -> Problem:
    return Problem(
        kind="held",
        code=TWO_SCHOOLS.code,
        sentence=TWO_SCHOOLS.sentence,
        remedy=TWO_SCHOOLS.remedy,
        pupil_id=question.pupil_id,
        external_id=external_id,
    )


def read_both_again(parted: Mapping[str, int], *, facts: Facts, errand: Errand) -> None:
    """Where an id is another child's after all (external id and whose it was), have both sides read again.

    This base's next run reads what it has ever said, for the child who has a record of its own now; the other
    schools' reads what of theirs was overwritten in the record that stays.
    """
    said, names = said_of(parted.values()), external_ids_at(parted.values())
    again: dict[tuple[int, str], list[tuple[str, str, str]]] = defaultdict(list)
    for external_id, pupil_id in parted.items():
        by_source = said.get(pupil_id, {})
        here = facts.base_id, facts.source
        own = by_source.get(here)
        for group in groups.GROUPS if own is not None else ():
            if own is None or own.read_at_of(group.number) is None:
                continue
            _read_again(again, here, (external_id, pupil_id), group, errand)
            for place in by_source:
                name, state = names.get((*place, pupil_id), ("", LEAVER))
                is_others = place != here and (group.scope is Scope.PUPIL or place[0] == facts.base_id)
                if name and is_others and may_send(group.name, state=state):
                    _read_again(again, place, (name, pupil_id), group, errand)
    for (base_id, source), entries in again.items():
        note_outstanding(entries, base_id=base_id, source=source, run_id=errand.run_id, now=errand.now)
    pupil_ids = set(parted.values())
    let_speak(pupil_ids, run_id=errand.run_id, now=errand.now)
    if pupil_ids:
        let_sources_speak(facts.base_id, pupil_ids=pupil_ids, run_id=errand.run_id, now=errand.now)


def _read_again(
    again: dict[tuple[int, str], list[tuple[str, str, str]]],
    place: tuple[int, str],
    who: tuple[str, int],
    group: DataGroup,
    errand: Errand,
) -> None:
    """Forget what a source of a base said of a group of a pupil, and note that it is to be read again."""
    (base_id, source), (external_id, pupil_id) = place, who
    again[place].append((external_id, group.name, SPEAKS_NOW))
    forget(pupil_ids=[pupil_id], groups=[group.name], base_id=base_id, source=source, now=errand.now)
