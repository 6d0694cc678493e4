"""When a task will be due next: its schedule in words, and the days themselves, skipped ones included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schoolgate.accounts.rights import Person
from schoolgate.lib.clock import london_day
from schoolgate.tasks.access import closures_for
from schoolgate.tasks.queries import ComingUp
from schoolgate.tasks.refusals import RefusedError
from schoolgate.tasks.rules import check_schedule
from schoolgate.tasks.schedule_words import in_words
from schoolgate.tasks.schedules import Schedule, next_due, next_occurrence

SHOWN = 5
MOST_SKIPPED = 20
EVERYWHERE = 0
"""No base has this id: it stands for the blackout dates of the whole authority."""


@dataclass(frozen=True, kw_only=True)
class Coming:
    """The sentence and the next occurrences; skipped ones stand among them with the reason."""

    sentence: str
    days: Sequence[ComingUp]
    window_minutes: int = 0
    is_for_one: bool = False


def coming(user: Person, schedule: Schedule, *, base_ids: Sequence[int] = (), now: datetime) -> Coming | None:
    """What the schedule means to somebody, or ``None`` while it can't come round.

    With one base its own blackout dates count; with a group those of the whole authority.
    """
    try:
        check_schedule(schedule)
    except RefusedError:
        return None
    of = base_ids[0] if len(base_ids) == 1 else EVERYWHERE
    closed = closures_for(user, [of], from_on=london_day(now - timedelta(days=2)))
    first_at = next_due(schedule, now, closed=closed.of(of))
    days: list[ComingUp] = []
    after, ahead = now, 0
    while ahead < SHOWN and len(days) < SHOWN + MOST_SKIPPED:
        found = next_occurrence(schedule, after)
        if found is None:
            break
        days.append(ComingUp(due_at=found.due_at, holiday=closed.name_on(of, found.planned_on)))
        ahead += not days[-1].holiday
        after = found.due_at
    return Coming(
        sentence=in_words(schedule, first_at=first_at, today=london_day(now)),
        days=days,
        window_minutes=schedule.window_minutes,
        is_for_one=of != EVERYWHERE,
    )
