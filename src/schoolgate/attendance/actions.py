"""Puts marks into the year strings, set-wise.

Marks that only fill gaps are put in by one statement; the years of all other marks are read, patched and
written back where they changed. What comes late leaves alone what newer content has spoken of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

import msgspec
from django.db import connection

from schoolgate.attendance.fills import Fill, sort_out
from schoolgate.attendance.merging import Merge, RefusedMark
from schoolgate.attendance.order import changed_halves, confirmed_after, confirmed_by
from schoolgate.attendance.rules import last_day
from schoolgate.attendance.sharing import Share, Sharing
from schoolgate.attendance.writing import Rows, Write, Years, fill_years, held_years, write_years
from schoolgate.audit.actions import Errand, Patch, record_patches
from schoolgate.audit.queries import patches_from, patches_read_after
from schoolgate.authority.queries import academic_year_start
from schoolgate.lib.clock import london_day
from schoolgate_message.groups import ATTENDANCE
from schoolgate_message.records import DayMarks

NOBODY: Mapping[int, Collection[str]] = {}
_REASON = "always import"
_to_json = msgspec.json.Encoder().encode


class MarksOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the marks; received = unchanged + written + ignored + the number refused.

    ``newer_held`` and ``others_held`` name the ignored ones: by pupil the school sessions of which newer
    content, or another source's mark, is held.
    """

    received: int
    unchanged: int
    written: int
    ignored: int
    refused: list[RefusedMark]
    newer_held: dict[int, list[str]]
    others_held: dict[int, list[str]]


def merge_marks(
    *,
    base_id: int,
    run_id: int,
    file_id: int | None,
    task_id: int | None,
    marks: Mapping[int, Sequence[DayMarks]],
    read_at: datetime | None,
    now: datetime,
    source: str = "",
    before: Mapping[int, Collection[str]] = NOBODY,
) -> MarksOutcome:
    """Put the marks of many pupils, by pupil id, into their year strings at a base.

    Works in the caller's transaction and refuses to work outside one. ``-`` removes a mark; a code
    that is not a statutory one, or not on that day, is refused with its reason, and the others land; so is
    a mark of a day of which none can be (``rules.FIRST_DAY``, ``rules.last_day``).
    ``read_at`` is when the marks were read at the source, ``None`` (older than all that is known) where
    nobody knows: a half day of which newer content is held is ignored. Each year that changed is written
    once and audited as one patch. ``source`` is whose marks they are, ``before`` by pupil the sources of the
    base that come before it: their marks stay (see ``sharing``). A day not written YYYY-MM-DD is a
    ValueError: no valid message holds one.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("marks are merged in the transaction of the landing")
    starts_on = academic_year_start()
    last_on = last_day(london_day(read_at or now))
    write = Write(
        base_id=base_id, source=source, run_id=run_id, now=now, read_at=read_at, starts_on=starts_on
    )
    merge = Merge(starts_on=starts_on, last_on=last_on)
    fills, years, rows = _filled_and_held(marks, merge, write, last_on=last_on)
    shared = _shared(years, rows, write, before=before)
    newer = _newer_halves(rows, write)
    # The others are merged while the audit takes the patches in; nothing else may be asked of the database.
    record_patches(
        _patches(marks, fills, years, merge, newer=newer, shared=shared),
        errand=_errand(write, file_id=file_id, task_id=task_id),
    )
    write_years(years, rows, write)
    tally = merge.finish()
    count = sum(fill.marks for fill in fills.values())
    return MarksOutcome(
        received=tally.received + count,
        unchanged=tally.unchanged,
        written=tally.written + count,
        ignored=tally.ignored,
        refused=tally.refused,
        newer_held=tally.newer_held,
        others_held=tally.others_held,
    )


def _errand(write: Write, *, file_id: int | None, task_id: int | None) -> Errand:
    return Errand(
        at=write.now,
        read_at=write.read_at,
        source=write.source or None,
        group=ATTENDANCE,
        base_id=write.base_id,
        run_id=write.run_id,
        file_id=file_id,
        task_id=task_id,
        reason=_REASON,
    )


def _patches(
    marks: Mapping[int, Sequence[DayMarks]],
    fills: Mapping[int, Fill],
    years: Years,
    merge: Merge,
    *,
    newer: Mapping[int, Collection[int]],
    shared: Mapping[int, Sharing],
) -> Iterator[Patch]:
    """The patches of the pieces put in, and of the others, which are merged when it is their turn."""
    for pupil_id, sent in marks.items():
        fill = fills.get(pupil_id)
        if fill is not None:
            yield pupil_id, "changed", fill.patch
            continue
        of_pupil = years.setdefault(pupil_id, {})
        late, sharing = newer.get(pupil_id, ()), shared.get(pupil_id)
        if sharing is None:
            merge.put(pupil_id, sent, of_pupil, newer=late)
        else:
            merge.put_shared(pupil_id, sent, of_pupil, sharing=sharing, newer=late)
        for year in of_pupil.values():
            if year.patch:
                yield pupil_id, "added" if year.is_new else "changed", _to_json(year.patch).decode()


def _filled_and_held(
    marks: Mapping[int, Sequence[DayMarks]], merge: Merge, write: Write, *, last_on: date
) -> tuple[dict[int, Fill], Years, Rows]:
    """Put in what only fills gaps, and read the years into which the marks of the others may fall."""
    fills, others = sort_out(marks, starts_on=write.starts_on, last_on=last_on)
    filled = fill_years(fills, write)
    if len(filled) < len(fills):
        fills = {pupil_id: fill for pupil_id, fill in fills.items() if pupil_id in filled}
        others = {pupil_id: sent for pupil_id, sent in marks.items() if pupil_id not in filled}
    years, rows = _held(others, merge, write)
    return fills, years, rows


def _held(others: Mapping[int, Sequence[DayMarks]], merge: Merge, write: Write) -> tuple[Years, Rows]:
    """The years into which these pupils' marks may fall."""
    days = [merge.day(on) for on in {day.on for sent in others.values() for day in sent}]
    return held_years(others.keys(), {day.academic_year for day in days if day.is_kept}, write)


def _shared(
    years: Years, rows: Rows, write: Write, *, before: Mapping[int, Collection[str]]
) -> dict[int, Sharing]:
    """The pupils whose marks another source of the base has told as well."""
    shares: dict[int, dict[int, Share]] = {}
    for (pupil_id, number), row in rows.items():
        shares.setdefault(pupil_id, {})[number] = row.share
    shared = {
        pupil_id: of_pupil
        for pupil_id, of_pupil in shares.items()
        if any(share.is_shared(write.source) for share in of_pupil.values())
    }
    spoken = _spoken_halves(rows, write, before={each: before.get(each, ()) for each in shared})
    return {
        pupil_id: Sharing(
            write.source,
            before=before.get(pupil_id, ()),
            spoken=spoken.get(pupil_id, ()),
            years=years[pupil_id],
            shares=of_pupil,
        )
        for pupil_id, of_pupil in shared.items()
    }


def _spoken_halves(rows: Rows, write: Write, *, before: Mapping[int, Collection[str]]) -> dict[int, set[int]]:
    """By pupil, the half days of which sources that come before this one have spoken; asks only if any do."""
    wanted = {pupil_id for pupil_id, sources in before.items() if sources}
    spoken: dict[int, set[int]] = {pupil_id: set() for pupil_id in wanted}
    if not wanted:
        return spoken
    sources = {each for pupil_id in wanted for each in before[pupil_id]}
    for pupil_id, source, patch in patches_from(
        sources, group=ATTENDANCE, pupil_ids=wanted, base_id=write.base_id
    ):
        if source in before[pupil_id]:
            spoken[pupil_id] |= changed_halves([patch])
    for (pupil_id, _), row in rows.items():
        if pupil_id in wanted:
            spoken[pupil_id] |= confirmed_by(row.confirmed, before[pupil_id])
    return spoken


def _newer_halves(rows: Rows, write: Write) -> dict[int, set[int]]:
    """By pupil, the half days of which newer content of the source has spoken.

    Asks only where a row holds newer content.
    """
    late = {pupil_id for (pupil_id, _), row in rows.items() if row.is_newer}
    if not late:
        return {}
    newer: dict[int, set[int]] = {pupil_id: set() for pupil_id in late}
    for pupil_id, patch in patches_read_after(
        write.read_at, group=ATTENDANCE, pupil_ids=late, base_id=write.base_id, source=write.source
    ):
        newer[pupil_id] |= changed_halves([patch])
    for (pupil_id, _), row in rows.items():
        if pupil_id in late:
            newer[pupil_id] |= confirmed_after(row.confirmed, write.read_at, source=write.source)
    return newer
