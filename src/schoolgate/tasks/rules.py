"""What a task may be called, which schedules come round, and why a task is Pending at a base."""

from __future__ import annotations

from collections.abc import Sequence

from schoolgate.tasks.kinds import SIMS_7, SIMS_PRIMARY, membership_state
from schoolgate.tasks.refusals import RefusedError
from schoolgate.tasks.schedules import MONTHLY, MOST_WINDOW_MINUTES, ONCE, WEEKLY, Schedule
from schoolgate.tasks.states import MembershipState, PendingReason

FEWEST_REPEAT_MINUTES = 5
"""A base is never done more often: the planner comes round every five seconds, the source allows little."""
MOST_REPEAT_MINUTES = 720


def check_name(name: str) -> None:
    """Refuses a task without a name."""
    if not name.strip():
        raise RefusedError("tasks.no_name", "The task has no name.", "Enter a Task Name.", field="name")


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
    problem = problem or _problem_within_day(schedule)
    if problem is not None:
        sentence, remedy, field = problem
        raise RefusedError(f"tasks.schedule.{field}", sentence, remedy, field=field)


def _problem_within_day(schedule: Schedule) -> tuple[str, str, str] | None:
    """What is wrong with the repeats or the random window: sentence, remedy, field."""
    if not 0 <= schedule.window_minutes <= MOST_WINDOW_MINUTES:
        return ("The random window is too long.", "Enter 0 to 720 minutes.", "window_minutes")
    if schedule.repeat_minutes is None and schedule.repeat_until is None:
        return None
    if schedule.frequency == ONCE:
        return (
            "A task that is due once can't repeat.",
            "Choose weekly or monthly, or no repeats.",
            "repeat_minutes",
        )
    if not FEWEST_REPEAT_MINUTES <= (schedule.repeat_minutes or 0) <= MOST_REPEAT_MINUTES:
        return (
            "The time between repeats is missing or out of range.",
            "Enter 5 minutes to 12 hours.",
            "repeat_minutes",
        )
    if schedule.repeat_until is None or schedule.repeat_until <= schedule.start_time:
        return (
            "The repeats would end before they begin.",
            "Choose a time later than the start time, on the same day.",
            "repeat_until",
        )
    return None


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
    if membership_state(task_kind=task_kind, base_kind=base_kind) is MembershipState.ENDED:
        return PendingReason.NOT_ON_SIMS_PRIMARY
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
