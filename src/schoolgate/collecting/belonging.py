"""Who belongs to the cohort of a task, every filter told."""

from __future__ import annotations

import calendar
from datetime import date

from schoolgate.importing.admission import is_in_cohort
from schoolgate.tasks.cohorts import Cohort
from schoolgate_message.roll_states import LEAVER


def belongs(
    cohort: Cohort,
    *,
    nc_year: str,
    state: str,
    was_sent_before: bool,
    has_leaving_landed: bool,
    left_on: date | None,
    is_looked_after: bool,
    today: date,
) -> bool:
    """Whether a pupil belongs to the cohort of a task, all filters told.

    A leavers' task has only leavers, and of them only those whose leaving details landed before, which a
    task for everybody else brings (handbook); their months are counted back from ``today``.
    """
    if cohort.is_looked_after_only and not is_looked_after:
        return False
    if not cohort.is_leavers:
        return is_in_cohort(nc_year, nc_years=cohort.nc_years, state=state, was_sent_before=was_sent_before)
    if state != LEAVER or not has_leaving_landed or (cohort.nc_years and nc_year not in cohort.nc_years):
        return False
    if cohort.leaver_months is None:
        return True
    return left_on is not None and left_on >= _months_back(today, cohort.leaver_months)


def _months_back(day: date, months: int) -> date:
    """The same day so many months earlier, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
