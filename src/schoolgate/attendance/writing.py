"""Reads the year strings that marks fall into and writes them: a handful of statements for any number.

Values go to PostgreSQL as a few joined texts which it takes apart again: for thousands of strings that is
many times faster than lists that the driver would have to write item by item.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection

from schoolgate.attendance.fills import Fill
from schoolgate.attendance.order import with_confirmed
from schoolgate.attendance.sharing import Share
from schoolgate.attendance.years import YearMarks
from schoolgate.authority.academic_years import YearStart, first_day

_SQL = Path(__file__).parent / "sql"
_FILL_YEARS = (_SQL / "fill_years.sql").read_text(encoding="utf-8")
_HELD_YEARS = (_SQL / "held_years.sql").read_text(encoding="utf-8")
_ADD_YEARS = (_SQL / "add_years.sql").read_text(encoding="utf-8")
_CHANGE_YEARS = (_SQL / "change_years.sql").read_text(encoding="utf-8")
_CONFIRM_YEARS = (_SQL / "confirm_years.sql").read_text(encoding="utf-8")

_to_json = msgspec.json.Encoder(order="sorted").encode
_codes_from_json = msgspec.json.Decoder(dict[str, str]).decode

Years = dict[int, dict[int, YearMarks]]
"""By pupil, then by academic year."""
Rows = dict[tuple[int, int], "Row"]
"""The rows held, by pupil and academic year."""


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """Whose strings are written, by which run, when; ``starts_on`` is the academic year's first day.

    ``read_at`` is when the marks were read at the source.
    """

    base_id: int
    run_id: int
    now: datetime
    read_at: datetime | None
    starts_on: YearStart
    source: str = ""


class Row(msgspec.Struct, frozen=True):
    """What a row holds beside its marks: whether any newer than those that came, what was confirmed, and
    whose the marks are.
    """

    id: int
    is_newer: bool
    confirmed: dict[str, str]
    share: Share


def fill_years(fills: Mapping[int, Fill], write: Write) -> set[int]:
    """Put in the pieces whose place is blank in rows that hold nothing newer; answers their pupils' ids."""
    if not fills:
        return set()
    academic_years, places, pieces, _, whole_codes, _ = zip(*fills.values(), strict=True)
    starts = {each: first_day(each, starts_on=write.starts_on) for each in set(academic_years)}
    values: dict[str, Any] = {
        "base_id": write.base_id,
        "run_id": write.run_id,
        "now": write.now,
        "read_at": write.read_at,
        "source": write.source,
        "pupil_ids": _array(fills),
        "academic_years": _array(academic_years),
        "starts": _array([starts[each] for each in academic_years]),
        "places": _array(places),
        "pieces": ",".join(pieces),
        "whole_codes": "\n".join([each and f"{{{each}}}" for each in whole_codes]),
    }
    return {pupil_id for (pupil_id,) in _asked(_FILL_YEARS, values)}


def held_years(
    pupil_ids: Collection[int], academic_years: Collection[int], write: Write
) -> tuple[Years, Rows]:
    """The years held of these pupils, and what else their rows hold; the rows are locked.

    Beside the academic years asked for come those whose strings reach into their time, as they do where
    the authority's first day was another one. What is held as corrected is not read: corrections are only
    ever added.
    """
    if not academic_years:
        return {}, {}
    beside = {year + step for year in academic_years for step in (-1, 1)} - {*academic_years}
    wanted: dict[str, Any] = {
        "base_id": write.base_id,
        "read_at": write.read_at,
        "pupil_ids": _array(pupil_ids),
        "years": _array(academic_years),
        "beside": _array(beside),
        "from_on": first_day(min(academic_years), starts_on=write.starts_on),
        "until_on": first_day(max(academic_years) + 1, starts_on=write.starts_on),
    }
    return _read(_asked(_HELD_YEARS, wanted))


def _asked(statement: str, values: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows


def _read(found: Iterable[Any]) -> tuple[Years, Rows]:
    years: Years = {}
    rows: Rows = {}
    for row_id, pupil_id, academic_year, start_date, held, whole_codes, is_newer, confirmed, *whose in found:
        source, beside = whose
        share = Share(source, _codes(beside))
        rows[pupil_id, academic_year] = Row(row_id, is_newer, _codes(confirmed), share)
        years.setdefault(pupil_id, {})[academic_year] = YearMarks(
            academic_year, start_date=start_date, marks=held, whole_codes=_codes(whole_codes)
        )
    return years, rows


def write_years(years: Years, rows: Rows, write: Write) -> None:
    """Add the years not held yet, and change the others.

    A row of which nothing changed but something was found as it is keeps that, and nothing else.
    """
    touched = [
        (pupil_id, year)
        for pupil_id, of_pupil in years.items()
        for year in of_pupil.values()
        if year.patch
        or (year.confirmed and write.read_at is not None)
        or (not year.is_new and rows[pupil_id, year.academic_year].share.is_changed)
    ]
    new = [each for each in touched if each[1].is_new]
    held = [(rows[pupil_id, year.academic_year], year) for pupil_id, year in touched if not year.is_new]
    changed = [each for each in held if each[1].patch]
    confirmed = [each for each in held if not each[1].patch]
    said: dict[str, Any] = {
        "source": write.source,
        "run_id": write.run_id,
        "now": write.now,
        "read_at": write.read_at,
    }
    with connection.cursor() as cursor:
        if new:
            cursor.execute(
                _ADD_YEARS,
                {"base_id": write.base_id, "source": write.source, **_additions(new, write), **said},
            )
        if changed:
            cursor.execute(_CHANGE_YEARS, {**_differences(changed, write), **said})
        if confirmed:
            cursor.execute(_CONFIRM_YEARS, {**_confirmations(confirmed, write), **said})


def _additions(added: Sequence[tuple[int, YearMarks]], write: Write) -> dict[str, str]:
    """What is written of each new row, in step."""
    years = [year for _, year in added]
    return {
        "pupil_ids": _array([pupil_id for pupil_id, _ in added]),
        "academic_years": _array([year.academic_year for year in years]),
        "starts": _array([year.start_date for year in years]),
        "marks": ",".join([year.marks for year in years]),
        "whole_codes": "\n".join([_json(year.whole_codes) for year in years]),
        "corrected": "\n".join([_json(year.corrected) for year in years]),
        "confirmed": "\n".join([_confirmed({}, year, write) for year in years]),
    }


def _differences(held: Sequence[tuple[Row, YearMarks]], write: Write) -> dict[str, str]:
    """What is written of each row, in step; nothing where the row's own stays."""
    years = [year for _, year in held]
    return {
        "marks": ",".join([year.marks for year in years]),
        "starts": ",".join([str(year.start_date) if year.has_new_codes else "" for year in years]),
        "whole_codes": "\n".join([_json(year.whole_codes) if year.has_new_codes else "" for year in years]),
        "corrected": "\n".join([_json(year.corrected) if year.corrected else "" for year in years]),
        **_confirmations(held, write),
    }


def _confirmations(held: Sequence[tuple[Row, YearMarks]], write: Write) -> dict[str, str]:
    """What is written of each row as found unchanged, in step; nothing where nothing was."""
    return {
        "ids": _array([row.id for row, _ in held]),
        "sources": ",".join([row.share.source if row.share.is_changed else "" for row, _ in held]),
        "beside": "\n".join([_beside(row.share) for row, _ in held]),
        "confirmed": "\n".join([_confirmed(row.confirmed, year, write) for row, year in held]),
    }


def _beside(share: Share) -> str:
    return _json(share.beside) if share.is_changed and share.listed else ""


def _confirmed(before: dict[str, str], year: YearMarks, write: Write) -> str:
    if not year.confirmed or write.read_at is None:
        return ""
    return _json(with_confirmed(before, year.confirmed, write.read_at, source=write.source))


def _array(values: Iterable[object]) -> str:
    """An array of numbers or days as PostgreSQL reads it."""
    return "{" + ",".join(map(str, values)) + "}"


def _codes(written: str | None) -> dict[str, str]:
    return {} if written is None or written == "{}" else _codes_from_json(written)


def _json(codes: dict[str, str]) -> str:
    return _to_json(codes).decode() if codes else "{}"
