"""Scheduled tasks over bases and groups: Queued, Pending, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.http import Http404
from tests import cast

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.bases.actions import edit_base, record_test, start_on_sims_primary
from schoolgate.tasks import access, queries
from schoolgate.tasks.actions import (
    advance,
    create_task,
    edit_task,
    join,
    leave,
    refresh_memberships,
    set_active,
)
from schoolgate.tasks.models import Membership
from schoolgate.tasks.refusals import RefusedError
from schoolgate.tasks.states import PendingReason

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)


def member(task, base) -> Membership:
    return Membership.objects.select_related("task", "base").get(task=task, base=base)


def test_plans_the_next_occurrence_of_a_new_task():
    base = cast.base()
    task = cast.task(base)
    assert member(task, base).next_due_at == FIRST
    assert queries.is_queued(member(task, base))
    words = queries.schedule_in_words(task, now=cast.NOW, today=cast.TODAY)
    assert words == "Every weekday at 2:10am, first on Tuesday 24 November"


def test_waits_for_the_migration_of_a_sims_7_base_and_is_queued_after_it():
    base = cast.base_on_sims_7()
    task = cast.task(base, data_type="attendance_changed_data")
    assert member(task, base).pending_reason == PendingReason.WAITS_FOR_MIGRATION.value
    cast.connect(base)
    start_on_sims_primary(base.pk, moved_at=cast.NOW, by=None, now=cast.NOW)
    assert refresh_memberships(base_ids=[base.pk], now=cast.NOW) == 1
    assert queries.is_queued(member(task, base))


def test_waits_for_a_test_of_the_connection():
    base = cast.base_on_sims_7()
    cast.connect(base, is_tested=False)
    start_on_sims_primary(base.pk, moved_at=cast.NOW, by=None, now=cast.NOW)
    task = cast.task(base)
    assert member(task, base).pending_reason == PendingReason.CONNECTION_UNTESTED.value
    record_test(base.pk, mis="sims_primary", outcome="token.secret", by=None, now=cast.NOW)
    refresh_memberships(base_ids=[base.pk], now=cast.NOW)
    assert queries.is_queued(member(task, base))


def test_counts_queued_and_pending_tasks_of_a_base():
    base, other = cast.base(), cast.base("Marsh Lane")
    cast.task(base, other)
    set_active(cast.task(base, name="Marks").pk, is_active=False, by=None, now=cast.NOW)
    counts = queries.counts_by_base(EVERYTHING, [base.pk, other.pk])
    assert (counts[base.pk].queued, counts[base.pk].pending, counts[base.pk].tasks) == (1, 1, 2)
    assert (counts[other.pk].queued, counts[other.pk].pending) == (1, 0)


def test_refuses_a_group_of_both_kinds():
    with pytest.raises(RefusedError) as refused:
        cast.task(cast.base(), cast.base_on_sims_7(), data_type="snapshot")
    assert refused.value.code == "tasks.mixed_bases"


def test_refuses_to_touch_the_tasks_of_a_base_locked_to_school_use():
    base = cast.base()
    task = cast.task(base)
    edit_base(base.pk, is_locked=True, by=None, now=cast.NOW)
    for touch in (
        lambda: cast.task(base),
        lambda: set_active(task.pk, is_active=False, by=None, now=cast.NOW),
        lambda: join(task.pk, base_ids=[base.pk], by=None, now=cast.NOW),
    ):
        with pytest.raises(RefusedError, match="school use only"):
            touch()


def test_plans_anew_when_the_schedule_changes():
    base = cast.base()
    task = cast.task(base)
    monthly = {"frequency": "monthly", "months": (12,), "month_day": 1, "weekdays": ()}
    schedule = type(cast.WEEKDAYS_AT_TEN_PAST_TWO)(
        starts_on=cast.TODAY, start_time=cast.WEEKDAYS_AT_TEN_PAST_TWO.start_time, **monthly
    )
    edit_task(task.pk, name="Monthly", data_type="snapshot", schedule=schedule, by=None, now=cast.NOW)
    assert member(task, base).next_due_at == datetime(2026, 12, 1, 2, 10, tzinfo=UTC)


def test_lets_bases_join_and_leave():
    base, other = cast.base(), cast.base("Marsh Lane")
    task = cast.task(base)
    join(task.pk, base_ids=[other.pk], by=None, now=cast.NOW)
    assert member(task, other).next_due_at == FIRST
    leave(task.pk, base_ids=[base.pk], by=None, now=cast.NOW)
    assert [each.base for each in queries.memberships(EVERYTHING, task_ids=[task.pk])] == [other]


def test_keeps_an_occurrence_that_is_due_but_not_planned_yet():
    base = cast.base()
    task = cast.task(base)
    assert refresh_memberships(now=FIRST + timedelta(hours=2)) == 0
    assert member(task, base).next_due_at == FIRST


def test_catches_missed_occurrences_up_once():
    base = cast.base()
    task = cast.task(base)
    advance(member(task, base), now=FIRST + timedelta(days=9))
    assert member(task, base).next_due_at == datetime(2026, 12, 4, 2, 10, tzinfo=UTC)


def test_shows_tasks_to_those_who_may_see_them():
    task = cast.task(cast.base())
    assert access.task_for(cast.officer(), task.pk) == task
    for somebody in (cast.reader(), cast.stranger()):
        with pytest.raises(Http404):
            access.task_for(somebody, task.pk)


def test_refuses_a_base_that_does_not_exist():
    cast.authority()
    with pytest.raises(RefusedError, match="does not exist"):
        create_task(
            name="x",
            data_type="snapshot",
            base_ids=[4711],
            schedule=cast.WEEKDAYS_AT_TEN_PAST_TWO,
            by=None,
            now=cast.NOW,
        )
