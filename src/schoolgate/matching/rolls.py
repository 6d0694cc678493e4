"""Reads what the rolls of a base's sources have told of its links: who is on one, who is missing from it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import cast

from django.db import connection

from schoolgate.matching.models import ExternalId
from schoolgate_message.roll_states import ON_ROLL

_SQL = Path(__file__).parent / "sql"
_MISSING = (_SQL / "missing_from_roll.sql").read_text(encoding="utf-8")


def listed_by(source: str, *, beside: str, base_id: int, pupil_ids: Collection[int]) -> frozenset[int]:
    """Which of these pupils this source of the base has on its roll, if it is another one than ``beside``."""
    if source == beside or not pupil_ids:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pupil_id FROM pupil_external_id WHERE pupil_id = ANY(%s) AND base_id = %s AND source = %s"
            " AND ended_at IS NULL AND roll_state = ANY(%s)",
            [list(pupil_ids), base_id, source, list(ON_ROLL)],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def pupils_on_roll(base_id: int) -> set[int]:
    """The pupils a base counts as its own, now or soon, by whichever of its sources. One statement."""
    found = ExternalId.objects.filter(base_id=base_id, ended_at=None, roll_state__in=ON_ROLL)
    return set(found.values_list("pupil_id", flat=True))


def count_named(run_id: int, *, base_id: int, source: str) -> int:
    """How many of those on a base's roll a run's rolls have named. One statement."""
    found = ExternalId.objects.filter(base_id=base_id, source=source, ended_at=None)
    return found.filter(seen_run_id=run_id, roll_state__in=ON_ROLL).count()


def newest_roll(base_id: int, *, source: str) -> datetime | None:
    """When the newest roll that tells of anybody was read at a base's source."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(roll_read_at) FROM pupil_external_id"
            " WHERE base_id = %s AND source = %s AND ended_at IS NULL",
            [base_id, source],
        )
        (found,) = cursor.fetchone()
    return cast("datetime | None", found)


def missing_from_roll(base_id: int, *, source: str, run_id: int, cohort: Collection[str]) -> dict[str, int]:
    """Pupils last seen on the base's roll whom this run's complete roll did not name, by external id.

    With a cohort (National Curriculum Years) only pupils enrolled at the base in one of its years
    can be missing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _MISSING,
            {
                "base_id": base_id,
                "source": source,
                "run_id": run_id,
                "cohort": list(cohort),
                "on_roll": list(ON_ROLL),
            },
        )
        return dict(cursor.fetchall())


def seen_by(run_id: int, *, base_id: int, pupil_ids: Collection[int]) -> frozenset[int]:
    """Which of these pupils the run has seen at the base, under whatever external id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pupil_id FROM pupil_external_id"
            " WHERE base_id = %s AND seen_run_id = %s AND pupil_id = ANY(%s) AND ended_at IS NULL",
            [base_id, run_id, list(pupil_ids)],
        )
        return frozenset(row[0] for row in cursor.fetchall())
