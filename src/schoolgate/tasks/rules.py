"""Decisions about scheduled tasks: what a base can do, who may share a task, why one is Pending."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from schoolgate.tasks.schedules import MONTHLY, ONCE, WEEKLY, Schedule, in_words, next_due
from schoolgate.tasks.states import PendingReason

__all__ = [
    "RefusedError",
    "Schedule",
    "check_kind_of_base",
    "check_name",
    "check_nc_years",
    "check_schedule",
    "in_words",
    "kind_for",
    "next_due",
    "pending_reason",
]

SIMS_7 = "sims7"
SIMS_PRIMARY = "sims_primary"
ATTENDANCE_CHANGED_DATA = "attendance_changed_data"
NC_YEARS = ("N1", "N2", "R", *(str(year) for year in range(1, 15)))
"""National Curriculum Years a task can be narrowed to."""


class RefusedError(Exception):
    """Something about a task that can't be done: a stable code, one sentence, and what to do instead."""

    def __init__(self, code: str, sentence: str, remedy: str, *, field: str = "") -> None:
        super().__init__(f"{sentence} {remedy}")
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        self.field = field


def kind_for(data_type: str, base_kinds: Collection[str], *, wished: str = "") -> str:
    """Which kind of base carries a task out, from the bases' kinds and what it collects.

    Attendance changed data is SIMS Primary's; bases on SIMS 7 wait for their migration. Otherwise the
    bases must be of one kind (seed: SIMS 7 and SIMS Primary bases can't be grouped), unless SIMS
    Primary is ``wished`` for, for after the migration of all.
    """
    if not base_kinds:
        raise RefusedError(
            "tasks.no_base", "No base is ticked.", "Tick the bases this task is for.", field="bases"
        )
    if data_type == ATTENDANCE_CHANGED_DATA:
        if wished == SIMS_7:
            raise _not_on_sims_7()
        return SIMS_PRIMARY
    if wished == SIMS_PRIMARY:
        return SIMS_PRIMARY
    kinds = set(base_kinds)
    if len(kinds) > 1:
        raise RefusedError(
            "tasks.mixed_bases",
            "SIMS 7 and SIMS Primary bases can't share a task.",
            "Make one task for the SIMS 7 bases and one for the SIMS Primary bases.",
            field="bases",
        )
    kind = kinds.pop()
    check_kind_of_base(task_kind=wished or kind, base_kind=kind)
    return kind


def _not_on_sims_7() -> RefusedError:
    return RefusedError(
        "tasks.data_type_not_on_sims_7",
        "Attendance Changed Data (SIMS Primary) can't be collected from SIMS 7.",
        "Make it a SIMS Primary task; it waits for the migration of its bases.",
        field="data_type",
    )


def check_kind_of_base(*, task_kind: str, base_kind: str) -> None:
    """Refuses a SIMS Primary base on a SIMS 7 task; the other way round the base waits for migration."""
    if task_kind == SIMS_7 and base_kind != SIMS_7:
        raise RefusedError(
            "tasks.base_left_sims_7",
            "This is a SIMS 7 task, and a SIMS Primary base can't join it.",
            "Make a task for SIMS Primary bases, or join one.",
            field="bases",
        )


def check_name(name: str) -> None:
    """Refuses a task without a name."""
    if not name.strip():
        raise RefusedError("tasks.no_name", "The task has no name.", "Enter a Task Name.", field="name")


def check_nc_years(nc_years: Collection[str]) -> None:
    """Refuses years that do not exist."""
    unknown = [year for year in nc_years if year not in NC_YEARS]
    if unknown:
        raise RefusedError(
            "tasks.nc_years",
            f"{unknown[0]} is not a curriculum year.",
            "Tick years from N1 to 14, or none for all.",
            field="nc_years",
        )


def check_schedule(schedule: Schedule) -> None:
    """Refuses a schedule that would never come round."""
    problem: tuple[str, str, str] | None = None
    if schedule.frequency == WEEKLY and not _all_in(schedule.weekdays, range(7)):
        problem = ("No weekday is ticked.", "Tick at least one day of the week.", "weekdays")
    elif schedule.frequency == MONTHLY and not _all_in(schedule.months, range(1, 13)):
        problem = ("No month is ticked.", "Tick at least one month.", "months")
    elif schedule.frequency == MONTHLY and not _all_in((schedule.month_day or 0,), range(1, 32)):
        problem = ("The day of the month is missing.", "Enter a day from 1 to 31.", "month_day")
    elif schedule.frequency not in {ONCE, WEEKLY, MONTHLY}:
        problem = ("How often the task is due is missing.", "Choose once, weekly or monthly.", "frequency")
    elif schedule.expires_on is not None and schedule.expires_on < schedule.starts_on:
        problem = ("The task would expire before it starts.", "Choose a later last day.", "expires_on")
    if problem is not None:
        sentence, remedy, field = problem
        raise RefusedError(f"tasks.schedule.{field}", sentence, remedy, field=field)


def _all_in(values: Sequence[int], allowed: range) -> bool:
    return bool(values) and all(value in allowed for value in values)


def pending_reason(
    *,
    is_task_active: bool,
    task_kind: str,
    is_base_active: bool,
    base_kind: str,
    has_connection: bool,
    is_connection_tested: bool,
    has_next: bool,
) -> PendingReason | None:
    """Why a task is Pending at a base, or ``None`` when it is Queued (DESIGN: queued and pending).

    A connection that was tested and failed does not hold a task back: its runs fail where one sees it.
    """
    if not is_task_active:
        return PendingReason.TASK_PAUSED
    if not is_base_active:
        return PendingReason.BASE_INACTIVE
    if not has_next:
        return PendingReason.OVER
    if task_kind == SIMS_7:
        return PendingReason.WAITS_FOR_AGENT
    if base_kind != SIMS_PRIMARY:
        return PendingReason.WAITS_FOR_MIGRATION
    if not has_connection:
        return PendingReason.CONNECTION_MISSING
    if not is_connection_tested:
        return PendingReason.CONNECTION_UNTESTED
    return None
