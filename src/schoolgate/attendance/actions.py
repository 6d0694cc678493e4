"""Puts marks into the year strings, set-wise: read the years, patch them, write back what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection

from schoolgate.attendance.rules import FIRST_OF_SEPTEMBER, Merge, RefusedMark, YearMarks
from schoolgate.audit.actions import Change, record_changes
from schoolgate.lib.bulk import copy_rows
from schoolgate_message.groups import ATTENDANCE
from schoolgate_message.records import DayMarks

_SQL = Path(__file__).parent / "sql"
_HELD_YEARS = (_SQL / "held_years.sql").read_text(encoding="utf-8")
_ADD_YEARS = (_SQL / "add_years.sql").read_text(encoding="utf-8")
_CHANGE_YEARS = (_SQL / "change_years.sql").read_text(encoding="utf-8")

_INCOMING = "attendance_incoming"
_INCOMING_COLUMNS = ("pupil_id", "academic_year", "start_date", "marks", "whole_codes", "corrected")
_MAKE_INCOMING = """
CREATE TEMPORARY TABLE attendance_incoming (
    pupil_id bigint, academic_year smallint, start_date date, marks text, whole_codes jsonb, corrected jsonb
)
"""

_REASON = "always import"
_to_json = msgspec.json.Encoder(order="sorted").encode
_codes_from_json = msgspec.json.Decoder(dict[str, str]).decode

Years = dict[int, dict[int, YearMarks]]
"""By pupil, then by academic year."""
Ids = dict[tuple[int, int], int]
"""The rows' ids, by pupil and academic year."""
Held = tuple[Years, Ids]


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
    merge = Merge(starts_on=academic_year_start)
    years, ids = _held_years(base_id, marks, merge)
    for pupil_id, days in marks.items():
        merge.put(pupil_id, days, years.setdefault(pupil_id, {}))
    changed = [
        (pupil_id, year) for pupil_id, of_pupil in years.items() for year in of_pupil.values() if year.patch
    ]
    if changed:
        _write(changed, ids, base_id=base_id, run_id=run_id, now=now)
        record_changes(
            _change(pupil_id, year, base_id=base_id, run_id=run_id, file_id=file_id, task_id=task_id, now=now)
            for pupil_id, year in changed
        )
    tally = merge.finish()
    return MarksOutcome(
        received=tally.received, unchanged=tally.unchanged, written=tally.written, refused=tally.refused
    )


def _held_years(base_id: int, marks: Mapping[int, Sequence[DayMarks]], merge: Merge) -> Held:
    """The years these marks fall into, as far as they are held, and the ids of their rows.

    What they hold as corrected is not read: corrections are only ever added.
    """
    days = {sent.on for of_pupil in marks.values() for sent in of_pupil}
    wanted: dict[str, Any] = {
        "base_id": base_id,
        "pupil_ids": list(marks),
        "years": sorted({merge.day(on).academic_year for on in days}),
    }
    years: Years = {}
    ids: dict[tuple[int, int], int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HELD_YEARS, wanted)
        for row_id, pupil_id, academic_year, start_date, held, whole_codes in cursor.fetchall():
            ids[pupil_id, academic_year] = row_id
            years.setdefault(pupil_id, {})[academic_year] = YearMarks(
                academic_year, start_date=start_date, marks=held, whole_codes=_codes(whole_codes)
            )
    return years, ids


def _codes(written: str) -> dict[str, str]:
    return {} if written == "{}" else _codes_from_json(written)


def _write(
    changed: Sequence[tuple[int, YearMarks]], ids: Ids, *, base_id: int, run_id: int, now: datetime
) -> None:
    """Add the years not held yet, and change the others by their rows' ids."""
    new = [each for each in changed if each[1].is_new]
    held = [(ids[pupil_id, year.academic_year], year) for pupil_id, year in changed if not year.is_new]
    with connection.cursor() as cursor:
        if new:
            cursor.execute(_MAKE_INCOMING)
            copy_rows(cursor, _INCOMING, _INCOMING_COLUMNS, _incoming(new))
            cursor.execute(_ADD_YEARS, {"base_id": base_id, "run_id": run_id, "now": now})
            cursor.execute(f"DROP TABLE {_INCOMING}")
        if held:
            cursor.execute(_CHANGE_YEARS, {"run_id": run_id, "now": now, **_differences(held)})


def _differences(held: Sequence[tuple[int, YearMarks]]) -> dict[str, Any]:
    """What is written of each row, in step; ``None`` where the row's own stays."""
    years = [year for _, year in held]
    return {
        "ids": [row_id for row_id, _ in held],
        "marks": ",".join([year.marks for year in years]),
        "starts": [year.start_date if year.has_new_codes else None for year in years],
        "whole_codes": [_json(year.whole_codes) if year.has_new_codes else None for year in years],
        "corrected": [_json(year.corrected) if year.corrected else None for year in years],
    }


def _incoming(added: Sequence[tuple[int, YearMarks]]) -> Iterator[tuple[Any, ...]]:
    for pupil_id, year in added:
        yield (
            pupil_id,
            year.academic_year,
            year.start_date,
            year.marks,
            _json(year.whole_codes),
            _json(year.corrected),
        )


def _json(codes: dict[str, str]) -> str:
    return _to_json(codes).decode() if codes else "{}"


def _change(
    pupil_id: int,
    year: YearMarks,
    *,
    base_id: int,
    run_id: int,
    file_id: int | None,
    task_id: int | None,
    now: datetime,
) -> Change:
    return Change(
        at=now,
        pupil_id=pupil_id,
        group=ATTENDANCE,
        kind="added" if year.is_new else "changed",
        after=_to_json(year.patch),
        base_id=base_id,
        run_id=run_id,
        file_id=file_id,
        task_id=task_id,
        reason=_REASON,
    )
