"""Lands a batch of pupils: reads what it is decided by, has each group decided, and has that written.

Enrolments are decided first: they say which base speaks for a pupil whom two schools list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from schoolgate.importing.arrivals import Arrival, Unmatched
from schoolgate.importing.circumstances import (
    Circumstances,
    Facts,
    circumstances_of,
    find_rivals,
    mains_of,
)
from schoolgate.importing.deciding import decide_group
from schoolgate.importing.keeping import Keeping
from schoolgate.importing.marks import land_marks
from schoolgate.importing.mass_guard import MassGuard
from schoolgate.importing.outcomes import Outcome
from schoolgate.importing.rules import RuleBook
from schoolgate.importing.speaking import let_speak
from schoolgate.importing.tally import Tally
from schoolgate.importing.writing import Errand, Writing
from schoolgate.pupils.queries import existing_blocks
from schoolgate_message import groups
from schoolgate_message.blocks import Content
from schoolgate_message.items import DataGroup

_IN_ORDER = (groups.ENROLMENTS, *(each for each in groups.GROUPS if each is not groups.ENROLMENTS))


def land_batch(
    arrivals: Sequence[Arrival],
    unmatched: Sequence[Unmatched],
    *,
    facts: Facts,
    errand: Errand,
    rules: RuleBook,
    tally: Tally,
    guard: MassGuard,
    sent_twice: Collection[tuple[str, str]] = frozenset(),
) -> None:
    """Land some pupils of one file, and keep what a person must decide first.

    What takes something away is put by with the ``guard``: ``land_put_by`` lands it once the whole file is
    decided. ``sent_twice`` are blocks (external id, group) that the file has brought before.
    """
    circumstances = circumstances_of(arrivals, facts)
    circumstances.sent_twice = sent_twice
    new = [each for each in arrivals if each.is_new]
    writing = Writing(
        errand,
        facts,
        tally=tally,
        elsewhere=circumstances.elsewhere.keys(),
        beside=circumstances.beside.keys(),
    )
    keeping = Keeping(facts, errand=errand, tally=tally, sent_twice=sent_twice)
    keeping.take_unmatched(unmatched)
    for group in _IN_ORDER:
        existing = _existing(group, arrivals, facts.base_id)
        outcomes = decide_group(group, arrivals, existing=existing, circumstances=circumstances, rules=rules)
        if group is groups.ENROLMENTS:
            _settle_who_speaks(arrivals, existing, outcomes, circumstances, errand=errand)
        outcomes = guard.sift(group, outcomes, existing=existing, circumstances=circumstances)
        keeping.take(outcomes)
        writing.write_group(group, outcomes, existing=existing, new=new)
    land_marks(arrivals, circumstances=circumstances, errand=errand, tally=tally)
    writing.finish(new_pupils={each.pupil_id for each in new})
    keeping.finish()


def land_put_by(guard: MassGuard, *, facts: Facts, errand: Errand, tally: Tally) -> None:
    """Write what was put by, or keep it for a person, now that all of the file has been decided."""
    settled = guard.settle()
    if not settled:
        return
    put_by = [each for suspects in settled.values() for each in suspects]
    writing = Writing(
        errand,
        facts,
        tally=tally,
        elsewhere={each.pupil_id for each in put_by if each.is_elsewhere},
        beside={each.pupil_id for each in put_by if each.is_beside},
    )
    keeping = Keeping(facts, errand=errand, tally=tally)
    for group, suspects in settled.items():
        outcomes = [each.outcome for each in suspects]
        keeping.take(outcomes)
        writing.write_group(group, outcomes, existing={each.pupil_id: each.held for each in suspects}, new=())
    writing.finish(new_pupils=())
    keeping.finish()


def _existing(group: DataGroup, arrivals: Sequence[Arrival], base_id: int) -> dict[int, Content]:
    name = group.name
    known = [
        each.pupil_id
        for each in arrivals
        if not each.is_new and (name in each.pupil.blocks or name in each.pupil.deleted)
    ]
    return existing_blocks(group, known, base_id)


def _settle_who_speaks(
    arrivals: Sequence[Arrival],
    existing: Mapping[int, Content],
    outcomes: Sequence[Outcome],
    circumstances: Circumstances,
    *,
    errand: Errand,
) -> None:
    """Find the main registrations as they are from now on; who comes to speak by it is read again."""
    rivals = find_rivals(arrivals, circumstances)
    if rivals is None:
        return
    before = mains_of(rivals, existing, circumstances)
    decided = {each.arrival.pupil_id: each.content for each in outcomes if each.kind and each.content}
    circumstances.mains = mains_of(rivals, {**existing, **decided}, circumstances)
    changed: dict[int, set[int]] = defaultdict(set)
    for pupil_id, base_id in circumstances.mains.items():
        if before[pupil_id] != base_id:
            changed[base_id].add(pupil_id)
    for base_id, pupil_ids in changed.items():
        let_speak(pupil_ids, base_ids={base_id}, run_id=errand.run_id, now=errand.now)
