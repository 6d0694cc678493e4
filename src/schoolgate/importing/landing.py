"""Lands a batch of pupils: reads what it is decided by, has each group decided, and has that written.

Enrolments are decided first: they say which base speaks for a pupil whom two schools list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from schoolgate.attendance.actions import merge_marks
from schoolgate.importing.arrivals import Arrival, Unmatched
from schoolgate.importing.circumstances import (
    Circumstances,
    Facts,
    circumstances_of,
    find_mains,
    upn_holders,
)
from schoolgate.importing.deciding import decide_group
from schoolgate.importing.outcomes import Outcome
from schoolgate.importing.rules import Fate, RuleBook
from schoolgate.importing.speaking import let_speak
from schoolgate.importing.tally import UNMATCHED, Tally
from schoolgate.importing.writing import Errand, Writing
from schoolgate.pupils.queries import existing_blocks
from schoolgate.runs.rules import Problem
from schoolgate_message import groups
from schoolgate_message.blocks import Content
from schoolgate_message.items import DataGroup
from schoolgate_message.records import DayMarks

_IN_ORDER = (groups.ENROLMENTS, *(each for each in groups.GROUPS if each is not groups.ENROLMENTS))


def land_batch(
    arrivals: Sequence[Arrival],
    *,
    facts: Facts,
    errand: Errand,
    rules: RuleBook,
    tally: Tally,
    sent_twice: Collection[tuple[str, str]] = frozenset(),
) -> None:
    """Land some pupils of one file; ``sent_twice`` are blocks (external id, group) it has brought before."""
    circumstances = circumstances_of(arrivals, facts)
    circumstances.sent_twice = sent_twice
    new = [each for each in arrivals if each.is_new]
    writing = Writing(errand, tally=tally, elsewhere=circumstances.elsewhere.keys())
    for group in _IN_ORDER:
        existing = _existing(group, arrivals, facts.base_id)
        if group is groups.IDENTIFIERS:
            circumstances.upn_holders = upn_holders(arrivals, existing)
        outcomes = decide_group(group, arrivals, existing=existing, circumstances=circumstances, rules=rules)
        if group is groups.ENROLMENTS:
            _settle_who_speaks(arrivals, existing, outcomes, circumstances, errand=errand)
        writing.write_group(group, outcomes, existing=existing, new=new)
    _land_marks(arrivals, errand=errand, tally=tally)
    writing.finish(new_pupils={each.pupil_id for each in new})


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
    before = find_mains(arrivals, existing, circumstances)
    if not before:
        return
    decided = {each.arrival.pupil_id: each.content for each in outcomes if each.kind and each.content}
    circumstances.mains = find_mains(arrivals, {**existing, **decided}, circumstances)
    changed: dict[int, set[int]] = defaultdict(set)
    for pupil_id, base_id in circumstances.mains.items():
        if before[pupil_id] != base_id:
            changed[base_id].add(pupil_id)
    for base_id, pupil_ids in changed.items():
        let_speak(pupil_ids, base_ids={base_id}, run_id=errand.run_id, now=errand.now)


def _land_marks(arrivals: Sequence[Arrival], *, errand: Errand, tally: Tally) -> None:
    marks: dict[int, Sequence[DayMarks]] = {}
    external_ids: dict[int, str] = {}
    for arrival in arrivals:
        if arrival.pupil.marks:
            marks[arrival.pupil_id] = (*marks.get(arrival.pupil_id, ()), *arrival.pupil.marks)
            external_ids[arrival.pupil_id] = arrival.external_id
    if not marks:
        return
    outcome = merge_marks(
        base_id=errand.base_id,
        run_id=errand.run_id,
        file_id=errand.file_id,
        task_id=errand.task_id,
        marks=marks,
        now=errand.now,
    )
    name = groups.ATTENDANCE
    tally.count(name, Fate.UNCHANGED, outcome.unchanged)
    tally.count(name, Fate.WRITTEN, outcome.written)
    wrong = {refused.pupil_id for refused in outcome.refused}
    for pupil_id in marks.keys() - wrong:
        tally.end_wait(external_ids[pupil_id], name)
    for refused in outcome.refused:
        external_id = external_ids[refused.pupil_id]
        tally.fail(external_id, name, code=refused.code, term="refused")
        tally.problems.append(
            Problem(
                kind="refused",
                code=refused.code,
                sentence=refused.sentence,
                remedy=refused.remedy,
                pupil_id=refused.pupil_id,
                external_id=external_id,
                group=name,
                details={"on": refused.on, "session": refused.session},
            )
        )


def count_unmatched(unmatched: Sequence[Unmatched], *, tally: Tally) -> None:
    """Count the blocks and marks of pupils whom a person must match first."""
    for each in unmatched:
        external_id = each.pupil.keys.external_id
        sentence, remedy = each.words
        tally.problems.append(
            Problem(kind=UNMATCHED, code=each.code, sentence=sentence, remedy=remedy, external_id=external_id)
        )
        for name in (*each.pupil.blocks, *each.pupil.deleted):
            tally.fail(external_id, name, code=each.code, term=UNMATCHED)
        for _ in range(sum((day.am is not None) + (day.pm is not None) for day in each.pupil.marks)):
            tally.fail(external_id, groups.ATTENDANCE, code=each.code, term=UNMATCHED)
