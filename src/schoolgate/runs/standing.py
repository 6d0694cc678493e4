"""How the bases stand this morning: every active one is up to date, needs somebody, is silent or is new."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

from schoolgate.accounts.scopes import Scope

LOOK_BACK = timedelta(days=14)
SILENT_AFTER = timedelta(days=4)
"""Longer than a bank holiday weekend without a landing is silence."""

_SQL = Path(__file__).parent / "sql"
_STANDING = (_SQL / "standing.sql").read_text(encoding="utf-8")
_BY_DAY = (_SQL / "outcomes_by_day.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One base's newest run of a data type, when that did not come through."""

    base_id: int
    base_name: str
    run_id: int
    code: str
    sentence: str
    remedy: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Cause:
    """The bases that share one trouble; the officer mends a cause, not sixty rows."""

    code: str
    sentence: str
    remedy: str
    troubles: list[Trouble]

    @property
    def bases(self) -> list[Trouble]:
        """One entry a base, the newest."""
        return list({trouble.base_id: trouble for trouble in self.troubles}.values())

    @property
    def since(self) -> datetime:
        """When the oldest of them began."""
        return min(trouble.at for trouble in self.troubles)


@dataclass(kw_only=True)
class Standing:
    """Every active base's id in exactly one of four sets; the causes of what needs somebody, worst first."""

    up_to_date: set[int] = field(default_factory=set)
    need_you: set[int] = field(default_factory=set)
    silent: set[int] = field(default_factory=set)
    not_started: set[int] = field(default_factory=set)
    causes: list[Cause] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    landed_at: dict[int, datetime] = field(default_factory=dict)
    troubles: dict[int, Trouble] = field(default_factory=dict)

    def trouble_of(self, base_id: int) -> Trouble | None:
        """The first trouble of a base, or none."""
        return self.troubles.get(base_id)

    @property
    def total(self) -> int:
        """All active bases."""
        return len(self.names)


def standing(
    scope: Scope, *, now: datetime, buffer: timedelta, base_ids: Collection[int] | None = None
) -> Standing:
    """All active bases of a scope, or some: one query. ``buffer``: how late a run may be before it is missed.

    A landing older than LOOK_BACK is known of some bases in trouble, but of all bases only of the others.
    """
    found = Standing()
    troubles: list[Trouble] = []
    for row in _rows(scope, now=now, buffer=buffer, base_ids=base_ids):
        found.names[row["base_id"]] = row["name"]
        if row["landed_at"]:
            found.landed_at[row["base_id"]] = row["landed_at"]
        trouble = _trouble(row)
        if trouble:
            troubles.append(trouble)
    found.troubles = {trouble.base_id: trouble for trouble in reversed(troubles)}
    found.need_you = set(found.troubles)
    for base_id in found.names.keys() - found.need_you:
        _place(found, base_id, now=now)
    found.causes = _causes(troubles)
    return found


def _place(found: Standing, base_id: int, *, now: datetime) -> None:
    landed_at = found.landed_at.get(base_id)
    if landed_at is None:
        found.not_started.add(base_id)
    elif now - landed_at > SILENT_AFTER:
        found.silent.add(base_id)
    else:
        found.up_to_date.add(base_id)


def _trouble(row: dict[str, Any]) -> Trouble | None:
    if row["run_id"] is None:
        return None
    is_failed = row["stage"] == "failed"
    return Trouble(
        base_id=row["base_id"],
        base_name=row["name"],
        run_id=row["run_id"],
        code=row["exception_code"] if is_failed else "runs.missed",
        sentence=row["exception_sentence"] if is_failed else "A run was due and has not been done.",
        remedy=row["exception_remedy"] if is_failed else "See whether the workers are running.",
        at=row["finished_at"] or row["planned_at"],
    )


def _causes(troubles: Iterable[Trouble]) -> list[Cause]:
    by_code: dict[str, list[Trouble]] = {}
    for trouble in troubles:
        by_code.setdefault(trouble.code, []).append(trouble)
    found = [
        Cause(code=code, sentence=each[0].sentence, remedy=each[0].remedy, troubles=each)
        for code, each in by_code.items()
    ]
    return sorted(found, key=lambda cause: (-len(cause.bases), cause.since))


def _rows(
    scope: Scope, *, now: datetime, buffer: timedelta, base_ids: Collection[int] | None
) -> list[dict[str, Any]]:
    asked = {
        "scope": scope.listed,
        "now": now,
        "since": now - LOOK_BACK,
        "late": now - buffer,
        "base_ids": None if base_ids is None else list(base_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, asked)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class Outcome(NamedTuple):
    """What came of a base's runs of one day."""

    is_failed: bool
    is_missed: bool
    is_landed: bool
    is_unchanged: bool


def outcomes_by_day(
    scope: Scope, base_ids: Collection[int], *, now: datetime, since: datetime, buffer: timedelta
) -> dict[tuple[int, date], Outcome]:
    """What came of the runs of some bases since an instant, by base and day in England; one query."""
    asked: dict[str, Any] = {
        "now": now,
        "since": since,
        "late": now - buffer,
        "base_ids": scope.within(base_ids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BY_DAY, asked)
        return {(row[0], row[1]): Outcome(*row[2:]) for row in cursor.fetchall()}
