"""Lands a batch's marks: they are compared with the year strings, mark by mark, and not with hashes."""

from __future__ import annotations

from collections.abc import Sequence

from schoolgate.attendance.actions import merge_marks
from schoolgate.importing.arrivals import Arrival
from schoolgate.importing.circumstances import Circumstances
from schoolgate.importing.registrations import OTHER_SOURCE
from schoolgate.importing.rules import Fate
from schoolgate.importing.tally import Tally
from schoolgate.importing.verdicts import NEWER_IS_HELD
from schoolgate.importing.writing import Errand
from schoolgate.runs.rules import Problem
from schoolgate_message import groups
from schoolgate_message.records import DayMarks


def land_marks(
    arrivals: Sequence[Arrival], *, circumstances: Circumstances, errand: Errand, tally: Tally
) -> None:
    """Put the marks of a batch into the year strings, and count each of them.

    Marks that wait for a person go on waiting: those that land are mostly of other days.
    """
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
        read_at=errand.read_at,
        now=errand.now,
        source=circumstances.facts.source,
        before={
            pupil_id: {each.source for each in links}
            for pupil_id, links in circumstances.before.items()
            if pupil_id in marks
        },
    )
    name = groups.ATTENDANCE
    tally.count(name, Fate.UNCHANGED, outcome.unchanged)
    tally.count(name, Fate.WRITTEN, outcome.written)
    tally.count(name, Fate.IGNORED, outcome.ignored)
    newer, others = (sum(map(len, held.values())) for held in (outcome.newer_held, outcome.others_held))
    if newer:
        tally.asides.append(_newer_are_held(newer))
    if others:
        tally.asides.append(_others_are_held(others))
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
                item=f"{refused.on} {refused.session}",
                details={"on": refused.on, "session": refused.session, "code": refused.mark},
            )
        )


def _newer_are_held(times: int) -> Problem:
    what = "mark was" if times == 1 else "marks were"
    return _ignored(
        NEWER_IS_HELD,
        f"{times} {what} read at the source before the marks the register holds for that time.",
        times,
    )


def _others_are_held(times: int) -> Problem:
    what = "mark differs" if times == 1 else "marks differ"
    return _ignored(
        OTHER_SOURCE,
        f"{times} {what} from those of another source of the school, which speaks for that time.",
        times,
    )


def _ignored(code: str, sentence: str, times: int) -> Problem:
    return Problem(
        kind="ignored",
        code=code,
        sentence=sentence,
        group=groups.ATTENDANCE,
        details={"marks": times},
    )
