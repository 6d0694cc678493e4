"""Lands a batch's marks: they are compared with the year strings, mark by mark, and not with hashes."""

from __future__ import annotations

from collections.abc import Sequence

from schoolgate.attendance.actions import merge_marks
from schoolgate.importing.arrivals import Arrival
from schoolgate.importing.rules import Fate
from schoolgate.importing.tally import Tally
from schoolgate.importing.verdicts import NEWER_IS_HELD
from schoolgate.importing.writing import Errand
from schoolgate.runs.rules import Problem
from schoolgate_message import groups
from schoolgate_message.records import DayMarks


def land_marks(arrivals: Sequence[Arrival], *, errand: Errand, tally: Tally) -> None:
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
    )
    name = groups.ATTENDANCE
    tally.count(name, Fate.UNCHANGED, outcome.unchanged)
    tally.count(name, Fate.WRITTEN, outcome.written)
    tally.count(name, Fate.IGNORED, outcome.ignored)
    if outcome.ignored:
        tally.asides.append(_newer_are_held(outcome.ignored))
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
    return Problem(
        kind="ignored",
        code=NEWER_IS_HELD,
        sentence=f"{times} {what} read at the source before the marks the register holds for that time.",
        group=groups.ATTENDANCE,
        details={"marks": times},
    )
