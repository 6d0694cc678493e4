"""Reads the year strings that marks fall into and writes them: a handful of statements for any number.

Values go to PostgreSQL as a few joined texts which it takes apart again: for thousands of strings that is
many times faster than lists that the driver would have to write item by item.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection

from schoolgate.attendance.fills import Fill
from schoolgate.attendance.rules import YearMarks, first_day

_SQL = Path(__file__).parent / "sql"
_FILL_YEARS = (_SQL / "fill_years.sql").read_text(encoding="utf-8")
_HELD_YEARS = (_SQL / "held_years.sql").read_text(encoding="utf-8")
_ADD_YEARS = (_SQL / "add_years.sql").read_text(encoding="utf-8")
_CHANGE_YEARS = (_SQL / "change_years.sql").read_text(encoding="utf-8")

_to_json = msgspec.json.Encoder(order="sorted").encode
_codes_from_json = msgspec.json.Decoder(dict[str, str]).decode

Years = dict[int, dict[int, YearMarks]]
"""By pupil, then by academic year."""
Ids = dict[tuple[int, int], int]
"""The rows' ids, by pupil and academic year."""


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """Whose strings are written, by which run, when; ``starts_on`` is the academic year's first day."""

    base_id: int
    run_id: int
    now: datetime
    starts_on: tuple[int, int]


def fill_years(fills: Sequence[Fill], write: Write) -> set[int]:
    """Put in the pieces whose place is blank; answers the ids of their pupils."""
    if not fills:
        return set()
    pupil_ids, academic_years, places, pieces, _, whole_codes, _ = zip(*fills, strict=True)
    starts = {each: first_day(each, starts_on=write.starts_on) for each in set(academic_years)}
    values: dict[str, Any] = {
        "base_id": write.base_id,
        "run_id": write.run_id,
        "now": write.now,
        "pupil_ids": _array(pupil_ids),
        "academic_years": _array(academic_years),
        "starts": _array([starts[each] for each in academic_years]),
        "places": _array(places),
        "pieces": ",".join(pieces),
        "whole_codes": "\n".join([each and f"{{{each}}}" for each in whole_codes]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FILL_YEARS, values)
        return {pupil_id for (pupil_id,) in cursor.fetchall()}


def held_years(
    pupil_ids: Collection[int], academic_years: Collection[int], write: Write
) -> tuple[Years, Ids]:
    """The years held of these pupils, and the ids of their rows, which are locked.

    What they hold as corrected is not read: corrections are only ever added.
    """
    wanted: dict[str, Any] = {
        "base_id": write.base_id,
        "pupil_ids": _array(pupil_ids),
        "years": _array(academic_years),
    }
    years: Years = {}
    ids: Ids = {}
    with connection.cursor() as cursor:
        cursor.execute(_HELD_YEARS, wanted)
        for row_id, pupil_id, academic_year, start_date, held, whole_codes in cursor.fetchall():
            ids[pupil_id, academic_year] = row_id
            years.setdefault(pupil_id, {})[academic_year] = YearMarks(
                academic_year, start_date=start_date, marks=held, whole_codes=_codes(whole_codes)
            )
    return years, ids


def write_years(changed: Sequence[tuple[int, YearMarks]], ids: Ids, write: Write) -> None:
    """Add the years not held yet, and change the others by their rows' ids."""
    new = [each for each in changed if each[1].is_new]
    held = [(ids[pupil_id, year.academic_year], year) for pupil_id, year in changed if not year.is_new]
    said: dict[str, Any] = {"run_id": write.run_id, "now": write.now}
    with connection.cursor() as cursor:
        if new:
            cursor.execute(_ADD_YEARS, {"base_id": write.base_id, **_additions(new), **said})
        if held:
            cursor.execute(_CHANGE_YEARS, {**_differences(held), **said})


def _additions(added: Sequence[tuple[int, YearMarks]]) -> dict[str, str]:
    """What is written of each new row, in step."""
    years = [year for _, year in added]
    return {
        "pupil_ids": _array([pupil_id for pupil_id, _ in added]),
        "academic_years": _array([year.academic_year for year in years]),
        "starts": _array([year.start_date for year in years]),
        "marks": ",".join([year.marks for year in years]),
        "whole_codes": "\n".join([_json(year.whole_codes) for year in years]),
        "corrected": "\n".join([_json(year.corrected) for year in years]),
    }


def _differences(held: Sequence[tuple[int, YearMarks]]) -> dict[str, str]:
    """What is written of each row, in step; nothing where the row's own stays."""
    years = [year for _, year in held]
    return {
        "ids": _array([row_id for row_id, _ in held]),
        "marks": ",".join([year.marks for year in years]),
        "starts": ",".join([str(year.start_date) if year.has_new_codes else "" for year in years]),
        "whole_codes": "\n".join([_json(year.whole_codes) if year.has_new_codes else "" for year in years]),
        "corrected": "\n".join([_json(year.corrected) if year.corrected else "" for year in years]),
    }


def _array(values: Iterable[object]) -> str:
    """An array of numbers or days as PostgreSQL reads it."""
    return "{" + ",".join(map(str, values)) + "}"


def _codes(written: str) -> dict[str, str]:
    return {} if written == "{}" else _codes_from_json(written)


def _json(codes: dict[str, str]) -> str:
    return _to_json(codes).decode() if codes else "{}"
