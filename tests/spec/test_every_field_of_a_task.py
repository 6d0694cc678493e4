"""# Every field of a scheduled task

What each field changes in what is collected: shown with a school of the sandbox, from its pages to the file
that lands.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from tests import cast
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, collected, landed

from schoolgate.attendance.models import AttendanceYear
from schoolgate.bases.actions import record_test
from schoolgate.bases.models import Base
from schoolgate.files.models import TransferFile
from schoolgate.files.queries import open_body
from schoolgate.lib import clock
from schoolgate.runs.actions import plan_run
from schoolgate.runs.models import Run, RunException
from schoolgate.runs.queries import accounts_of
from schoolgate.runs.states import Origin
from schoolgate.scheduling.planner import plan_due
from schoolgate.tasks.actions import change_owner, create_task, set_active, set_locked
from schoolgate.tasks.blackouts import add_blackout
from schoolgate.tasks.cohorts import Cohort
from schoolgate.tasks.models import Membership, ScheduledTask
from schoolgate.tasks.schedules import Schedule
from schoolgate.tasks.states import PendingReason
from schoolgate_message.data_types import DataType
from schoolgate_message.records import MessagePupil
from schoolgate_message.xml_reader import MessageReader

pytestmark = pytest.mark.django_db

DAILY = Schedule(
    frequency="weekly", starts_on=date(2026, 1, 1), start_time=time(2, 10), weekdays=(0, 1, 2, 3, 4, 5, 6)
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=16, pupils=60) as found:
        yield found


_places = count()


@pytest.fixture(autouse=True)
def _on_the_casts_day(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.set_clock(monkeypatch)


@pytest.fixture
def school(sandbox: Sandbox) -> dict[str, Any]:
    """A school of the test's own, for tests change what goes on at theirs."""
    return sandbox.schools()[next(_places)]


@pytest.fixture
def base(sandbox: Sandbox, school: dict[str, Any]) -> Base:
    made = base_of(sandbox, school)
    record_test(made.pk, mis=made.mis, outcome="works", by=None, now=clock.now())
    return made


def task_for(
    base: Base, *, data_type: str = "snapshot", cohort: Cohort | None = None, **more: Any
) -> ScheduledTask:
    told = {"name": "Task", "schedule": DAILY, "by": None, "now": clock.now(), **more}
    return create_task(data_type=data_type, base_ids=[base.pk], cohort=cohort, **told)


def carried_out(task: ScheduledTask, base: Base) -> Run:
    now = clock.now()
    run = plan_run(
        base_id=base.pk,
        task_id=task.pk,
        origin=Origin.TASK,
        data_type=task.data_type,
        planned_at=now,
        now=now,
    )
    done = landed(collected(run))
    assert done.exception_sentence == ""
    assert done.is_balanced
    return done


def sent(run: Run) -> dict[str, MessagePupil]:
    """The pupils in the run's files."""
    found: dict[str, MessagePupil] = {}
    for file in TransferFile.objects.filter(run=run):
        found |= {pupil.keys.external_id: pupil for pupil in MessageReader(open_body(file.pk))}
    return found


def truth(sandbox: Sandbox, school: dict[str, Any]) -> list[dict[str, Any]]:
    pupils: list[dict[str, Any]] = sandbox.control(f"/truth/{school['dfe_number']}")["pupils"]
    return pupils


def current(sandbox: Sandbox, school: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in truth(sandbox, school) if each["on_roll"] == "Current"]


def edit(
    sandbox: Sandbox, school: dict[str, Any], pupil: str, domain: str, items: dict[str, Any], *, row: int = 0
) -> None:
    told = {
        "dfe_number": school["dfe_number"],
        "external_id": pupil,
        "domain": domain,
        "row": row,
        "items": items,
    }
    sandbox.control("/edit", told)


def leave(sandbox: Sandbox, school: dict[str, Any], pupil: str, on: str) -> None:
    sandbox.control(
        "/leave", {"dfe_number": school["dfe_number"], "external_id": pupil, "on": on, "reason": "IM"}
    )


# Data type


def test_snapshot_sends_everything_and_again_only_what_the_cache_does_not_know(sandbox, school, base):
    task = task_for(base)
    first = carried_out(task, base)
    assert {each["external_id"] for each in current(sandbox, school)} <= sent(first).keys()
    second = carried_out(task, base)
    assert second.status == "nothing_changed"
    assert accounts_of(second.pk)["address"].received == accounts_of(first.pk)["address"].received


def test_changed_data_sends_what_changed_since_the_tasks_last_success(sandbox, school, base):
    task = task_for(base, data_type="changed_data")
    carried_out(task, base)
    pupil = current(sandbox, school)[0]["external_id"]
    edit(sandbox, school, pupil, "LearnerAddresses", {"Street": "Bobbin Yard"})
    run = carried_out(task, base)
    assert {key: set(each.blocks) for key, each in sent(run).items()} == {pupil: {"address"}}
    assert accounts_of(run.pk)["address"].written == 1


def test_attendance_changed_data_sends_marks_and_nothing_else(sandbox, school, base):
    carried_out(task_for(base), base)
    run = carried_out(task_for(base, data_type="attendance_changed_data"), base)
    found = sent(run)
    assert any(pupil.marks for pupil in found.values())
    assert all(not pupil.blocks for pupil in found.values())
    assert AttendanceYear.objects.filter(base=base).exists()


@pytest.mark.parametrize(
    "data_type",
    [
        each.value
        for each in DataType
        if each.value not in {"snapshot", "changed_data", "attendance_changed_data"}
    ],
)
def test_attainment_and_the_four_other_kinds_of_attendance_are_left_to_the_schools_agent(data_type):
    base = cast.base_on_sims_7()
    task = task_for(base, data_type=data_type)
    held = Membership.objects.get(task=task)
    assert held.pending_reason == PendingReason.WAITS_FOR_AGENT.value
    assert plan_due(now=clock.now() + timedelta(days=2)) == 0


# Transfer type and kind


@pytest.mark.parametrize("transfer_type", ["import", "two_way"])
def test_import_and_two_way_tasks_collect_nothing_from_here(transfer_type):
    task = task_for(cast.base_on_sims_7(), data_type="changed_data", transfer_type=transfer_type)
    assert Membership.objects.get(task=task).pending_reason == PendingReason.WAITS_FOR_AGENT.value


def test_a_sims_primary_attendance_task_collects_nothing_before_the_migration():
    task = task_for(cast.base_on_sims_7(), data_type="attendance_changed_data")
    assert Membership.objects.get(task=task).pending_reason == PendingReason.WAITS_FOR_MIGRATION.value
    assert plan_due(now=clock.now() + timedelta(days=2)) == 0


# Data filter details


def test_years_ticked_leave_the_others_out_and_count_them(sandbox, school, base):
    years = sorted({each["year"] for each in current(sandbox, school)})
    wanted = {each["external_id"] for each in current(sandbox, school) if each["year"] == years[-1]}
    run = carried_out(task_for(base, cohort=Cohort(nc_years=(years[-1],))), base)
    on_roll = {key for key, each in sent(run).items() if each.blocks}
    assert on_roll == wanted
    assert accounts_of(run.pk)["address"].left_out >= len(current(sandbox, school)) - len(wanted)


def test_no_year_ticked_means_pupils_outside_the_years_as_well(sandbox, school, base):
    run = carried_out(task_for(base), base)
    assert {each["external_id"] for each in current(sandbox, school)} <= sent(run).keys()


def test_looked_after_sends_looked_after_children_alone_and_notices_new_ones(sandbox, school, base):
    pupils = current(sandbox, school)
    in_care = {
        each["external_id"]
        for each in pupils
        if any(row["InCare"] for row in each.get("LearnerLookedAfters", []))
    }
    task = task_for(base, cohort=Cohort(is_looked_after_only=True))
    run = carried_out(task, base)
    assert sent(run).keys() == in_care
    assert run.pupils_read == len(in_care)
    assert accounts_of(run.pk)["address"].left_out > 0
    assert not RunException.objects.filter(run=run, kind="held").exists()
    was_in_care = [
        each["external_id"]
        for each in pupils
        if each.get("LearnerLookedAfters") and each["external_id"] not in in_care
    ]
    if was_in_care:
        edit(sandbox, school, was_in_care[0], "LearnerLookedAfters", {"InCare": True})
        assert sent(carried_out(task, base)).keys() == {was_in_care[0]}


def test_leavers_are_sent_only_once_their_leaving_details_went_in_a_task_for_everybody_else(
    sandbox, school, base
):
    everybody, leavers = task_for(base), task_for(base, cohort=Cohort(is_leavers=True))
    known_before = {each["external_id"] for each in truth(sandbox, school) if each["on_roll"] == "Leaver"}
    assert carried_out(leavers, base).pupils_read == 0
    carried_out(everybody, base)
    gone = current(sandbox, school)[1]["external_id"]
    leave(sandbox, school, gone, "2026-11-20")
    first = carried_out(leavers, base)
    assert gone not in sent(first)
    assert first.pupils_read <= len(known_before)
    carried_out(everybody, base)
    edit(sandbox, school, gone, "LearnerPersonals", {"PreferredForename": "Ash"})
    run = carried_out(leavers, base)
    assert "basic_details" in sent(run)[gone].blocks  # a leaver's address is not listed by the source
    assert run.pupils_read == first.pupils_read + 1
    assert accounts_of(run.pk)["basic_details"].written == 1
    assert not any(each["external_id"] in sent(run) for each in current(sandbox, school))


def test_the_month_filter_narrows_leavers_attendance_to_recent_leavers(sandbox, school, base):
    everybody = task_for(base)
    long_gone, just_gone = (each["external_id"] for each in current(sandbox, school)[2:4])
    for pupil in (long_gone, just_gone):
        told = {"dfe_number": school["dfe_number"], "external_id": pupil, "session": "AM", "code": "N"}
        sandbox.control("/mark", {**told, "date": "2026-09-15"})
    carried_out(everybody, base)
    leave(sandbox, school, long_gone, "2026-10-01")
    leave(sandbox, school, just_gone, "2026-11-20")
    carried_out(everybody, base)
    kind = {"data_type": "attendance_changed_data"}
    recent = carried_out(task_for(base, cohort=Cohort(is_leavers=True, leaver_months=1), **kind), base)
    assert just_gone in sent(recent)
    assert long_gone not in sent(recent)
    year = carried_out(task_for(base, cohort=Cohort(is_leavers=True, leaver_months=13), **kind), base)
    assert {just_gone, long_gone} <= sent(year).keys()


def test_historic_send_is_left_out_counted_and_sent_when_the_switch_is_turned_back(sandbox, school, base):
    pupil = next(each for each in current(sandbox, school) if len(each.get("LearnerSenProvisions", [])) > 1)
    rows = pupil["LearnerSenProvisions"]
    oldest = min(range(len(rows)), key=lambda place: rows[place]["StartDate"])
    edit(sandbox, school, pupil["external_id"], "LearnerSenProvisions", {"EndDate": None}, row=oldest)
    task = task_for(base, data_type="changed_data", cohort=Cohort(is_historic_send_left_out=True))
    run = carried_out(task, base)
    provisions = sent(run)[pupil["external_id"]].blocks["sen_provisions"]
    assert len(provisions) == len(rows) - 1
    told = RunException.objects.get(run=run, kind="left out", group="sen_provisions")
    assert told.details["records"] >= 1
    assert run.status == "exported"
    ScheduledTask.objects.filter(pk=task.pk).update(is_historic_send_left_out=False)
    task.refresh_from_db()
    again = carried_out(task, base)
    assert len(sent(again)[pupil["external_id"]].blocks["sen_provisions"]) == len(rows)


# Active, owner, lock, bases


def test_a_task_that_is_not_active_collects_nothing_and_goes_on_when_resumed(base):
    task = task_for(base, is_active=False)
    later = clock.now() + timedelta(days=1)
    assert plan_due(now=later) == 0
    set_active(task.pk, is_active=True, by=None, now=later)
    assert plan_due(now=later + timedelta(days=1)) == 1


def test_owner_and_lock_say_who_may_change_a_task_and_leave_what_is_collected_alone(base):
    task = task_for(base)
    change_owner(task.pk, owner="school", by=None, now=clock.now())
    set_locked(task.pk, is_locked=True, by=None, now=clock.now())
    assert plan_due(now=clock.now() + timedelta(days=1)) == 1


def test_a_group_is_collected_base_by_base(base):
    other = cast.base("Marsh Lane")
    create_task(
        name="Group",
        data_type="snapshot",
        base_ids=[base.pk, other.pk],
        schedule=DAILY,
        by=None,
        now=clock.now(),
    )
    assert plan_due(now=clock.now() + timedelta(days=1)) == 2
    assert set(Run.objects.values_list("base_id", flat=True)) == {base.pk, other.pk}


# Schedule


def planned_within(days: int, *bases: Base, **fields: Any) -> list[datetime]:
    """When a task with such a schedule is planned, over some days from 23 November 2026, 08:30."""
    told = {"frequency": "weekly", "starts_on": cast.TODAY, "start_time": time(2, 10), **fields}
    if told["frequency"] == "weekly":
        told.setdefault("weekdays", (0, 1, 2, 3, 4, 5, 6))
    create_task(
        name="Scheduled", data_type="snapshot", base_ids=[each.pk for each in bases], schedule=Schedule(**told), by=None, now=cast.NOW
    )  # fmt: skip
    for minutes in range(0, days * 24 * 60, 5):
        if plan_due(now=cast.NOW + timedelta(minutes=minutes)):
            Run.objects.filter(stage="due").update(stage="done")
    return sorted(Run.objects.values_list("planned_at", flat=True))


def at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"frequency": "once", "starts_on": date(2026, 11, 25)}, [at(25, 2, 10)]),
        ({"weekdays": (1, 3)}, [at(24, 2, 10), at(26, 2, 10)]),
        ({"frequency": "monthly", "months": (11,), "month_day": 26}, [at(26, 2, 10)]),
        ({"frequency": "monthly", "months": (12,), "month_day": 26}, []),
        ({"starts_on": date(2026, 11, 26)}, [at(26, 2, 10)]),
        ({"start_time": time(4)}, [at(24, 4, 0), at(25, 4, 0), at(26, 4, 0)]),
        ({"expires_on": date(2026, 11, 24)}, [at(24, 2, 10)]),
        (
            {"weekdays": (1,), "repeat_minutes": 60, "repeat_until": time(4, 15)},
            [at(24, 2, 10), at(24, 3, 10), at(24, 4, 10)],
        ),
    ],
)
def test_the_schedule_says_when(fields, expected):
    assert planned_within(3, cast.base(), **fields) == expected


def test_the_random_window_spreads_bases_and_keeps_each_within_it():
    bases = [cast.base(f"School {number}") for number in range(6)]
    found = planned_within(1, *bases, window_minutes=120)
    assert len(set(found)) == 6
    assert all(at(24, 2, 10) <= each < at(24, 4, 10) for each in found)


def test_blackout_dates_are_skipped_and_not_caught_up():
    base = cast.base()
    add_blackout(
        name="Training day", kind="closure", from_on=date(2026, 11, 24), until_on=date(2026, 11, 26), base_ids=[base.pk], by=None, now=cast.NOW
    )  # fmt: skip
    assert planned_within(3, base) == [at(26, 2, 10)]
