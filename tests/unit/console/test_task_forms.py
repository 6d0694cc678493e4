"""Add New Task and Edit many: what the forms make of what was filled in, before any rule is asked."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from msgspec import UNSET

from schoolgate.bases.models import Base
from schoolgate.console.tasks.forms import TaskForm
from schoolgate.console.tasks.many_form import ManyForm
from schoolgate.console.tasks.offer import first_choice, offer_for

SENT: dict[str, Any] = {
    "name": "Nightly", "transfer_type": "export", "data_filter": "attendance", "owner": "la",
    "attendance_type": "attendance_changed_data", "frequency": "weekly", "weekdays": ["0"], "months": ["1"],
    "month_day": "3", "start_time": "02:10", "starts_on": "2026-11-24", "leaver_months": "4", "repeat_minutes": "30",
}  # fmt: skip


def base(pk: int, mis: str) -> Base:
    return Base(pk=pk, name=f"School {pk}", mis=mis)


def test_drops_what_belongs_to_another_choice() -> None:
    form = TaskForm(SENT)
    assert form.is_valid()
    schedule, cohort = form.schedule(), form.cohort()
    assert (schedule.months, schedule.month_day, schedule.repeat_minutes) == ((), None, None)
    assert cohort.leaver_months is None
    assert form.data_type() == "attendance_changed_data"


def test_asks_for_the_kind_of_attendance() -> None:
    form = TaskForm(SENT | {"attendance_type": ""})
    assert not form.is_valid()
    assert "attendance_type" in form.errors


def test_takes_the_data_type_from_the_drop_down_where_it_has_no_kinds() -> None:
    form = TaskForm(SENT | {"data_filter": "snapshot"})
    assert form.is_valid()
    assert form.data_type() == "snapshot"


def test_offers_a_sims_primary_base_one_kind_of_attendance_and_says_why() -> None:
    offer = offer_for([base(1, "sims_primary")])
    assert [each.value for each in offer.attendance if not each.is_disabled] == ["attendance_changed_data"]
    assert offer.attendance[0].note == "SIMS Primary does not support it."
    assert first_choice(offer) == {"attendance_type": "attendance_changed_data"}


def test_names_the_bases_in_the_way_of_the_others() -> None:
    offer = offer_for([base(1, "sims_primary"), base(2, "sims7")])
    assert offer.attendance[0].note == "SIMS Primary does not support it. Concerns School 1."
    assert offer.options.refusal is not None
    assert first_choice(offer)["data_filter"] == "attendance"


def test_offers_a_sims_7_base_the_sims_primary_attendance_for_after_its_migration() -> None:
    later = offer_for([base(2, "sims7")]).attendance[-1]
    assert (later.short, later.is_disabled) == ("after the migration", False)
    assert later.note == "School 2 is still on SIMS 7. It starts by itself when the base has moved."


def test_changes_nothing_that_was_left_as_it_is() -> None:
    form = ManyForm({"start_time": "04:00", "expiry": "none"})
    assert form.is_valid()
    changes = form.changes()
    assert (changes.start_time, changes.expires_on) == (time(4), None)
    assert changes.owner is UNSET
    assert changes.weekdays is UNSET


def test_refuses_to_change_nothing_or_to_leave_a_change_open() -> None:
    assert not ManyForm({}).is_valid()
    form = ManyForm({"days": "set", "expiry": "set"})
    assert not form.is_valid()
    assert set(form.errors) == {"weekdays", "expires_on"}
    form = ManyForm({"expiry": "set", "expires_on": "2027-07-31"})
    assert form.is_valid()
    assert form.changes().expires_on == date(2027, 7, 31)
