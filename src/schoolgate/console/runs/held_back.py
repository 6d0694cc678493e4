"""What a run held for a person: a line a cause, since a dropped year is one question and not sixty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from schoolgate.accounts.rights import Person
from schoolgate.holding.access import entries_by_cause_for
from schoolgate.holding.causes import CAUSES, Cause
from schoolgate.runs.access import Run, exceptions_for

HELD = "held"
"""The kind of exception that tells of what waits."""


@dataclass(frozen=True, kw_only=True)
class HeldBack:
    """One cause, of how many pupils, and the entry of Held that has them; a single pupil is named."""

    cause: Cause
    pupils: int
    pupil_id: int | None
    entry_id: int | None


def held_back(user: Person, run: Run, *, now: datetime) -> list[HeldBack]:
    """What a run held, cause by cause, worst first; the entry as it stood when the run ended."""
    told = exceptions_for(user, run).filter(kind=HELD).order_by().values("code")
    counted = told.annotate(pupils=Count("external_id", distinct=True), first=Min("pupil_id"))
    by_code = {row["code"]: row for row in counted}
    if not by_code:
        return []
    entries = entries_by_cause_for(user, run.base_id, by_code, at=run.finished_at or now)
    return [
        HeldBack(
            cause=cause,
            pupils=by_code[code]["pupils"],
            pupil_id=by_code[code]["first"] if by_code[code]["pupils"] == 1 else None,
            entry_id=entries.get(code),
        )
        for code, cause in CAUSES.items()
        if code in by_code
    ]
