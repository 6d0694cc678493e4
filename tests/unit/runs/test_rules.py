"""The books, the statuses, and what "since" means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.runs import rules
from schoolgate.runs.rules import Problem, Terms
from schoolgate.runs.states import LastRunStatus, LogStatus, Stage

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
REACH = timedelta(days=92)
counts = st.integers(0, 1000)


def test_balances_when_every_block_received_is_accounted_for():
    assert Terms(received=6, unchanged=3, written=2, refused=1).balances()
    assert not Terms(received=6, unchanged=3, written=2).balances()


@given(st.lists(st.builds(Terms, received=counts, written=counts, refused=counts), max_size=5))
def test_adds_books_term_by_term(many):
    total = sum(many, Terms())
    assert total.received == sum(each.received for each in many)
    assert total.accounted_for == sum(each.accounted_for for each in many)


def test_reads_first_and_lands_what_was_taken_in():
    assert rules.stage_to_do(has_intake=False) is Stage.COLLECTING
    assert rules.stage_to_do(has_intake=True) is Stage.LANDING


@pytest.mark.parametrize(
    ("terms", "has_files", "has_problems", "status"),
    [
        (Terms(received=3, unchanged=3), False, False, LogStatus.NOTHING_CHANGED),
        (Terms(received=3, written=3), True, False, LogStatus.SUCCESSFULLY_EXPORTED),
        (Terms(received=3, written=2, refused=1), True, False, LogStatus.EXPORTED_WITH_EXCEPTIONS),
        (Terms(received=3, unchanged=3), False, True, LogStatus.EXPORTED_WITH_EXCEPTIONS),
    ],
)
def test_names_the_outcome_as_the_task_log_does(terms, has_files, has_problems, status):
    assert rules.log_status([terms], has_files=has_files, has_problems=has_problems) is status


@pytest.mark.parametrize(
    ("stage", "status", "due_at", "expected"),
    [
        (None, "", None, None),
        (None, "", NOW + HOUR, None),
        (None, "", NOW - HOUR / 2, LastRunStatus.PENDING),
        (None, "", NOW - 2 * HOUR, LastRunStatus.MISSED),
        (Stage.DUE, "", NOW - HOUR, LastRunStatus.PENDING),
        (Stage.WAITING, "", NOW - 2 * HOUR, LastRunStatus.MISSED),
        (Stage.COLLECTING, "", NOW - 9 * HOUR, LastRunStatus.RUNNING),
        (Stage.LANDING, "", NOW, LastRunStatus.RUNNING),
        (Stage.DONE, "nothing_changed", NOW, LastRunStatus.NOTHING_CHANGED),
        (Stage.DONE, "exported", NOW, LastRunStatus.SUCCESSFUL),
        (Stage.DONE, "exceptions", NOW, LastRunStatus.SUCCESSFUL),
        (Stage.FAILED, "failed", NOW, LastRunStatus.FAILED),
        (Stage.CANCELLED, "", NOW, LastRunStatus.MISSED),
    ],
)
def test_names_the_last_run_within_the_buffer(stage, status, due_at, expected):
    assert rules.last_run_status(stage=stage, status=status, due_at=due_at, now=NOW, buffer=HOUR) is expected


def since(data_type: str = "changed_data", *, reach=REACH, **known: datetime | None) -> rules.ReadFrom:
    asked = {"last_success_at": None, "moved_at": None, **known}
    return rules.since(data_type=data_type, now=NOW, reach=reach, **asked)


def test_reads_everything_in_a_snapshot():
    assert since("snapshot", last_success_at=NOW - HOUR).since_at is None


def test_reads_everything_the_first_time_unless_the_source_reaches_back_to_the_move():
    assert since().since_at is None
    assert since(moved_at=NOW - timedelta(days=200)).since_at is None
    assert since(moved_at=NOW - timedelta(days=20)).since_at == NOW - timedelta(days=20)


def test_reads_marks_the_first_time_from_the_move_or_as_far_back_as_the_source_reaches():
    assert since("attendance_changed_data", moved_at=NOW - timedelta(days=200)).since_at == NOW - REACH
    assert since("attendance_changed_data", moved_at=NOW - HOUR).since_at == NOW - HOUR


def test_reads_from_the_last_success_or_a_later_move():
    success = NOW - timedelta(days=2)
    assert since(last_success_at=success, moved_at=NOW - timedelta(days=9)).since_at == success
    assert since(last_success_at=success, moved_at=NOW - HOUR).since_at == NOW - HOUR


def test_says_so_when_the_source_no_longer_reaches_back():
    success = datetime(2026, 6, 1, tzinfo=UTC)
    found = since(last_success_at=success)
    assert found == rules.ReadFrom(since_at=NOW - REACH, lost_from=success)
    problem = rules.gap(success, found.since_at)
    assert "from 1 June 2026 to 23 August 2026" in problem.sentence
    assert "snapshot" in problem.remedy


def test_goes_by_the_sources_own_reach():
    success = NOW - timedelta(days=30)
    week = timedelta(days=7)
    assert since(last_success_at=success, reach=week) == rules.ReadFrom(
        since_at=NOW - week, lost_from=success
    )
    assert since(last_success_at=success, reach=timedelta(days=365)).lost_from is None


def test_reads_from_the_last_success_or_everything_where_nobody_knows_the_source():
    success = NOW - timedelta(days=400)
    assert since(last_success_at=success, reach=None) == rules.ReadFrom(since_at=success)
    assert since("attendance_changed_data", reach=None) == rules.ReadFrom(since_at=None)


def test_backs_off_from_two_seconds_to_an_hour():
    waits = [rules.back_off(retries).total_seconds() for retries in (0, 1, 2, 10, 11, 40)]
    assert waits == [2, 4, 8, 2048, 3600, 3600]


def test_begins_exception_details_with_what_to_do():
    problem = Problem(
        kind="refused", code="upn.check", sentence="A UPN fails its check.", remedy="Mend it in SIMS."
    )
    assert rules.exception_details([problem, problem]) == "Mend it in SIMS. A UPN fails its check. (2 times)"
    assert rules.exception_details([]) == ""
