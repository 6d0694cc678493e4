"""Tasks over their life: cloned, handed over, locked, changed together, deleted, and carried over a move."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import msgspec
import pytest
from tests import cast

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.audit.models import Event
from schoolgate.bases.actions import edit_base, start_on_sims_primary
from schoolgate.runs.models import Since, TaskLogEntry
from schoolgate.tasks import queries
from schoolgate.tasks.actions import (
    change_owner,
    clone_task,
    create_task,
    edit_task,
    join,
    set_active,
    set_locked,
)
from schoolgate.tasks.blackouts import add_blackout, edit_blackout, remove_blackout
from schoolgate.tasks.cohorts import Cohort
from schoolgate.tasks.many import TaskChanges, delete_inactive, edit_many
from schoolgate.tasks.models import Blackout, Membership, ScheduledTask
from schoolgate.tasks.moving import settle_moved_base
from schoolgate.tasks.refusals import RefusedError
from schoolgate.tasks.states import PendingReason

pytestmark = pytest.mark.django_db

BY = {"by": None, "now": cast.NOW}
COHORT = Cohort(nc_years=("R",), is_looked_after_only=True, is_historic_send_left_out=True)


def sims_7_task(*bases, data_type="snapshot", **more):
    return create_task(
        name="Agent's task",
        data_type=data_type,
        base_ids=[each.pk for each in bases],
        schedule=cast.WEEKDAYS_AT_TEN_PAST_TWO,
        **more,
        **BY,
    )


def move(base):
    cast.connect(base)
    start_on_sims_primary(base.pk, moved_at=cast.NOW, **BY)
    return settle_moved_base(base.pk, **BY)


def only_member(task):
    return Membership.objects.select_related("task", "base").get(task=task)


def test_clones_a_task_that_waits_for_somebody_to_look_at_it():
    task = cast.task(cast.base(), cast.base("Marsh Lane"))
    edit_task(
        task.pk,
        name=task.name,
        data_type="snapshot",
        cohort=COHORT,
        schedule=msgspec.structs.replace(cast.WEEKDAYS_AT_TEN_PAST_TWO, window_minutes=90),
        **BY,
    )
    copy = clone_task(task.pk, **BY)
    assert copy.name == "Nightly changes (copy)"
    assert not copy.is_active
    assert queries.cohort_of(copy) == COHORT
    assert queries.schedule_of(copy).window_minutes == 90
    assert copy.memberships.count() == 2
    assert only_member(clone_task(task.pk, base_ids=[cast.base("Third").pk], **BY)).base.name == "Third"


def test_refuses_to_edit_or_clone_a_locked_task_and_runs_it_on():
    task = cast.task(cast.base())
    set_locked(task.pk, is_locked=True, **BY)
    assert queries.is_queued(only_member(task))
    for act in (
        lambda: clone_task(task.pk, **BY),
        lambda: set_active(task.pk, is_active=False, **BY),
        lambda: change_owner(task.pk, owner="school", **BY),
        lambda: join(task.pk, base_ids=[cast.base("Other").pk], **BY),
    ):
        with pytest.raises(RefusedError) as refused:
            act()
        assert refused.value.code == "tasks.task_locked"
    set_locked(task.pk, is_locked=False, **BY)
    set_active(task.pk, is_active=False, **BY)


def test_hands_a_task_to_the_school_and_says_so_in_the_audit():
    task = cast.task(cast.base())
    change_owner(task.pk, owner="school", **BY)
    task.refresh_from_db()
    assert task.owner == "school"
    told = Event.objects.get(name="tasks.task.owner_changed")
    assert told.details == {"changed": {"owner": ["la", "school"]}}


def test_keeps_what_an_edit_changed():
    task = cast.task(cast.base())
    edit_task(
        task.pk,
        name="Sunday",
        data_type="changed_data",
        schedule=msgspec.structs.replace(cast.WEEKDAYS_AT_TEN_PAST_TWO, weekdays=(6,)),
        **BY,
    )
    changed = Event.objects.get(name="tasks.task.edited").details["changed"]
    assert changed == {"name": ["Nightly changes", "Sunday"], "weekdays": [[0, 1, 2, 3, 4], [6]]}


def test_changes_many_tasks_and_says_which_it_could_not():
    tasks = [cast.task(cast.base(f"School {number}")) for number in range(3)]
    set_locked(tasks[1].pk, is_locked=True, **BY)
    changes = TaskChanges(start_time=time(3), window_minutes=60, is_historic_send_left_out=True)
    outcome = edit_many([each.pk for each in tasks], changes=changes, **BY)
    assert outcome.changed == (tasks[0].pk, tasks[2].pk)
    (refused,) = outcome.refused
    assert (refused.task_id, refused.sentence) == (
        tasks[1].pk,
        "The school has locked this task to school use only.",
    )
    changed = ScheduledTask.objects.get(pk=tasks[0].pk)
    assert (changed.start_time, changed.window_minutes, changed.is_historic_send_left_out) == (
        time(3),
        60,
        True,
    )
    assert changed.weekdays == [0, 1, 2, 3, 4]
    assert ScheduledTask.objects.get(pk=tasks[1].pk).start_time == time(2, 10)


def test_deletes_inactive_tasks_only_and_keeps_their_log():
    base = cast.base()
    active, inactive = cast.task(base), cast.task(base, name="Old")
    run = cast.run(base, task=inactive)
    TaskLogEntry.objects.create(
        base=base, run=run, task_id=inactive.pk, task_name="Old", data_type="snapshot", logged_at=cast.NOW, status="exported"
    )  # fmt: skip
    Since.objects.create(base=base, task=inactive, data_type="snapshot", since_at=cast.NOW, run_id=run.pk)
    set_active(inactive.pk, is_active=False, **BY)
    outcome = delete_inactive([active.pk, inactive.pk], **BY)
    assert outcome.changed == (inactive.pk,)
    assert [each.task_id for each in outcome.refused] == [active.pk]
    assert TaskLogEntry.objects.get().task_name == "Old"
    run.refresh_from_db()
    assert run.task_id is None
    assert not Since.objects.exists()


def test_carries_a_lone_snapshot_task_over_the_move():
    base = cast.base_on_sims_7()
    task = sims_7_task(base)
    assert only_member(task).pending_reason == PendingReason.WAITS_FOR_AGENT.value
    moved = move(base)
    assert moved.carried_on == (task.pk,)
    assert only_member(task).state == "active"
    assert queries.is_queued(only_member(task))


def test_regroups_moved_bases_under_one_twin_with_owner_lock_and_schedule():
    first, second, third = (cast.base_on_sims_7(f"School {number}") for number in range(3))
    task = sims_7_task(first, second, third, cohort=COHORT, owner="school")
    set_locked(task.pk, is_locked=True, **BY)
    (twin_id,) = move(first).regrouped
    twin = ScheduledTask.objects.get(pk=twin_id)
    assert (twin.owner, twin.is_locked, twin.kind, twin.name) == (
        "school", True, "sims_primary", "Agent's task (SIMS Primary)"
    )  # fmt: skip
    assert (queries.schedule_of(twin), queries.cohort_of(twin)) == (cast.WEEKDAYS_AT_TEN_PAST_TWO, COHORT)
    assert move(second).regrouped == (twin_id,)
    task.refresh_from_db()
    assert task.is_active
    assert move(third).regrouped == (twin_id,)
    assert twin.memberships.count() == 3
    task.refresh_from_db()
    assert (task.is_active, task.memberships.count()) == (False, 0)
    assert settle_moved_base(third.pk, **BY).regrouped == ()


@pytest.mark.parametrize(
    ("data_type", "transfer_type"),
    [("attainment", "export"), ("absences_current_year", "export"), ("changed_data", "two_way"), ("changed_data", "import")],
)  # fmt: skip
def test_ends_for_a_moved_base_what_sims_primary_does_not_support(data_type, transfer_type):
    first, second = cast.base_on_sims_7(), cast.base_on_sims_7("Marsh Lane")
    task = sims_7_task(first, second, data_type=data_type, transfer_type=transfer_type)
    assert move(first).ended == (task.pk,)
    held = Membership.objects.get(task=task, base=first)
    assert (held.state, held.pending_reason) == ("ended", PendingReason.NOT_ON_SIMS_PRIMARY.value)
    task.refresh_from_db()
    assert task.is_active
    edit_task(task.pk, name="Still SIMS 7", data_type=data_type, schedule=cast.WEEKDAYS_AT_TEN_PAST_TWO, **BY)
    move(second)
    task.refresh_from_db()
    assert not task.is_active


def test_begins_the_attendance_task_that_waited():
    base = cast.base_on_sims_7()
    task = cast.task(base, data_type="attendance_changed_data")
    assert only_member(task).state == "waiting"
    assert move(base).begun == (task.pk,)
    assert only_member(task).state == "active"


CHRISTMAS = {
    "name": "Christmas",
    "kind": "holiday",
    "from_on": date(2026, 12, 21),
    "until_on": date(2027, 1, 4),
}


def test_skips_what_would_be_due_on_blackout_dates_and_says_holiday():
    base, other = cast.base(), cast.base("Marsh Lane")
    task = cast.task(base, other)
    add_blackout(name="Burst pipe", kind="closure", from_on=date(2026, 11, 24), until_on=date(2026, 11, 26), base_ids=[base.pk], **BY)  # fmt: skip
    held = Membership.objects.select_related("task").get(task=task, base=base)
    assert held.next_due_at == datetime(2026, 11, 26, 2, 10, tzinfo=UTC)
    assert Membership.objects.get(task=task, base=other).next_due_at == datetime(
        2026, 11, 24, 2, 10, tzinfo=UTC
    )
    found = queries.holidays(
        EVERYTHING, [base.pk, other.pk], from_on=date(2026, 11, 23), until_on=date(2026, 11, 30)
    )
    assert found == {(base.pk, date(2026, 11, day)): "Burst pipe" for day in (24, 25)}


def test_skips_the_whole_authoritys_holidays_everywhere_until_they_are_lifted():
    task = cast.task(cast.base())
    (christmas,) = add_blackout(**CHRISTMAS | {"from_on": date(2026, 11, 24)}, **BY)
    assert only_member(task).next_due_at == datetime(2027, 1, 4, 2, 10, tzinfo=UTC)
    edit_blackout(
        christmas.pk, **CHRISTMAS | {"from_on": date(2026, 11, 24), "until_on": date(2026, 11, 25)}, **BY
    )
    assert only_member(task).next_due_at == datetime(2026, 11, 25, 2, 10, tzinfo=UTC)
    remove_blackout(christmas.pk, **BY)
    assert only_member(task).next_due_at == datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
    assert not Blackout.objects.exists()
    assert Event.objects.filter(name__startswith="tasks.blackout.").count() == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "snow"}, "kind"),
        ({"until_on": date(2026, 12, 21)}, "until_on"),
        ({"until_on": date(2028, 1, 1)}, "until_on"),
        ({"base_ids": [0]}, "bases"),
    ],
)
def test_refuses_blackout_dates_that_can_not_be(wrong, field):
    with pytest.raises(RefusedError) as refused:
        add_blackout(**CHRISTMAS | wrong, **BY)
    assert refused.value.field == field


def test_leaves_a_base_locked_to_school_use_out_of_what_is_made_for_it():
    base = cast.base()
    task = cast.task(base)
    edit_base(base.pk, is_locked=True, **BY)
    set_active_outcome = edit_many([task.pk], changes=TaskChanges(is_active=False), **BY)
    assert set_active_outcome.changed == ()
