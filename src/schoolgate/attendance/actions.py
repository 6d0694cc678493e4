"""Puts marks into the year strings, set-wise.

Marks that only fill gaps are put in by one statement; the years of all other marks are read, patched and
written back where they changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import connection

from schoolgate.attendance.fills import sort_out
from schoolgate.attendance.rules import FIRST_OF_SEPTEMBER, Merge, RefusedMark
from schoolgate.attendance.writing import Write, fill_years, held_years, write_years
from schoolgate.audit.actions import Errand, Patch, record_patches
from schoolgate_message.groups import ATTENDANCE
from schoolgate_message.records import DayMarks

_REASON = "always import"
_to_json = msgspec.json.Encoder().encode


class MarksOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the marks; received = unchanged + written + the number refused."""

    received: int
    unchanged: int
    written: int
    refused: list[RefusedMark]


def merge_marks(
    *,
    base_id: int,
    run_id: int,
    file_id: int | None,
    task_id: int | None,
    marks: Mapping[int, Sequence[DayMarks]],
    now: datetime,
    academic_year_start: tuple[int, int] = FIRST_OF_SEPTEMBER,
) -> MarksOutcome:
    """Put the marks of many pupils, by pupil id, into their year strings at a base.

    Works in the caller's transaction and refuses to work outside one. ``-`` removes a mark; a code
    that is not a statutory one, or not on that day, is refused with its reason, and the others land.
    Each year that changed is written once and audited as one patch. A day not written YYYY-MM-DD is
    a ValueError: no valid message holds one.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("marks are merged in the transaction of the landing")
    write = Write(base_id=base_id, run_id=run_id, now=now, starts_on=academic_year_start)
    fills, others = sort_out(marks, starts_on=academic_year_start)
    filled = fill_years(fills, write)
    if len(filled) == len(fills):
        put_in = fills
    else:
        put_in = [fill for fill in fills if fill.pupil_id in filled]
        others = {pupil_id: sent for pupil_id, sent in marks.items() if pupil_id not in filled}
    merge = Merge(starts_on=academic_year_start)
    patches: list[Patch] = [(fill.pupil_id, "changed", f"{{{fill.patch}}}") for fill in put_in]
    patches += _merge_others(others, merge, write)
    record_patches(
        patches,
        errand=Errand(
            at=now,
            group=ATTENDANCE,
            base_id=base_id,
            run_id=run_id,
            file_id=file_id,
            task_id=task_id,
            reason=_REASON,
        ),
    )
    tally = merge.finish()
    count = sum(fill.marks for fill in put_in)
    return MarksOutcome(
        received=tally.received + count,
        unchanged=tally.unchanged,
        written=tally.written + count,
        refused=tally.refused,
    )


def _merge_others(marks: Mapping[int, Sequence[DayMarks]], merge: Merge, write: Write) -> list[Patch]:
    """Merge mark by mark into the years held, write those that changed, and answer their patches."""
    if not marks:
        return []
    dates = {sent.on for of_pupil in marks.values() for sent in of_pupil}
    years, ids = held_years(marks.keys(), {merge.day(on).academic_year for on in dates}, write)
    for pupil_id, days in marks.items():
        merge.put(pupil_id, days, years.setdefault(pupil_id, {}))
    changed = [
        (pupil_id, year) for pupil_id, of_pupil in years.items() for year in of_pupil.values() if year.patch
    ]
    write_years(changed, ids, write)
    return [
        (pupil_id, "added" if year.is_new else "changed", _to_json(year.patch).decode())
        for pupil_id, year in changed
    ]
