"""Who may share a task, and why one is Pending."""

from __future__ import annotations

from datetime import date, time

import pytest

from schoolgate.tasks.cohorts import check_nc_years
from schoolgate.tasks.kinds import kind_for
from schoolgate.tasks.refusals import RefusedError
from schoolgate.tasks.rules import check_schedule, pending_reason
from schoolgate.tasks.schedules import Schedule
from schoolgate.tasks.states import PendingReason

READY = {
    "is_task_active": True,
    "task_kind": "sims_primary",
    "is_base_active": True,
    "base_kind": "sims_primary",
    "has_connection": True,
    "is_connection_tested": True,
    "has_next": True,
}


def test_is_queued_when_nothing_stands_in_its_way():
    assert pending_reason(**READY) is None


@pytest.mark.parametrize(
    ("difference", "reason"),
    [
        ({"is_task_active": False}, PendingReason.TASK_PAUSED),
        ({"is_base_active": False}, PendingReason.BASE_INACTIVE),
        ({"base_kind": "sims7"}, PendingReason.WAITS_FOR_MIGRATION),
        ({"task_kind": "sims7", "base_kind": "sims7"}, PendingReason.WAITS_FOR_AGENT),
        ({"has_connection": False, "is_connection_tested": False}, PendingReason.CONNECTION_MISSING),
        ({"is_connection_tested": False}, PendingReason.CONNECTION_UNTESTED),
        ({"has_next": False}, PendingReason.OVER),
    ],
)
def test_is_pending_with_the_reason(difference, reason):
    assert pending_reason(**{**READY, **difference}) is reason
    assert reason.label


def test_refuses_bases_of_both_kinds_and_says_the_way_out():
    with pytest.raises(RefusedError) as refused:
        kind_for("snapshot", ["sims7", "sims_primary"])
    assert refused.value.code == "tasks.mixed_bases"
    assert "Make one task for the SIMS 7 bases" in refused.value.remedy


def test_lets_a_sims_7_base_wait_on_a_sims_primary_attendance_task():
    assert kind_for("attendance_changed_data", ["sims7", "sims_primary"]) == "sims_primary"


def test_refuses_attendance_changed_data_from_sims_7():
    with pytest.raises(RefusedError) as refused:
        kind_for("attendance_changed_data", ["sims7"], wished="sims7")
    assert refused.value.code == "tasks.data_type_not_on_sims_7"


def test_refuses_a_sims_primary_base_on_a_sims_7_task():
    with pytest.raises(RefusedError) as refused:
        kind_for("snapshot", ["sims_primary"], wished="sims7")
    assert refused.value.code == "tasks.base_left_sims_7"


def test_refuses_a_task_without_bases():
    with pytest.raises(RefusedError, match="No base is ticked"):
        kind_for("snapshot", [])


def test_refuses_a_year_that_does_not_exist():
    check_nc_years(["N2", "R", "5"])
    with pytest.raises(RefusedError, match="15 is not a curriculum year"):
        check_nc_years(["15"])


@pytest.mark.parametrize(
    ("schedule", "code"),
    [
        ({"frequency": "weekly"}, "tasks.schedule.weekdays"),
        ({"frequency": "monthly", "month_day": 1}, "tasks.schedule.months"),
        ({"frequency": "monthly", "months": (1,)}, "tasks.schedule.month_day"),
        ({"frequency": "hourly"}, "tasks.schedule.frequency"),
        ({"frequency": "once", "expires_on": date(2026, 1, 1)}, "tasks.schedule.expires_on"),
    ],
)
def test_refuses_a_schedule_that_never_comes_round(schedule, code):
    with pytest.raises(RefusedError) as refused:
        check_schedule(Schedule(starts_on=date(2026, 11, 24), start_time=time(2), **schedule))
    assert refused.value.code == code
