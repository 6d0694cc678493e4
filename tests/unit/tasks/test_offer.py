"""What a task may be, for whom, and what the form may offer for the ticked bases."""

from __future__ import annotations

from datetime import date, time

import pytest

from schoolgate.tasks.cohorts import Cohort, check_cohort, cohort_from
from schoolgate.tasks.kinds import TransferType, kind_for, membership_state
from schoolgate.tasks.options import Availability, BaseKind, options_for
from schoolgate.tasks.refusals import RefusedError
from schoolgate.tasks.rules import check_schedule
from schoolgate.tasks.schedules import Schedule
from schoolgate.tasks.states import MembershipState
from schoolgate_message.data_types import DataType

ON_7 = BaseKind(base_id=1, name="Kingsmead", mis="sims7")
ON_PRIMARY = BaseKind(base_id=2, name="Ashgrove", mis="sims_primary")
ONLY_SIMS_7 = [
    each.value
    for each in DataType
    if each.value not in {"snapshot", "changed_data", "attendance_changed_data"}
]


def test_offers_attendance_changed_data_to_a_sims_7_base_for_after_its_migration():
    offer = options_for([ON_7])
    option = offer.for_("attendance_changed_data")
    assert option.availability is Availability.AFTER_MIGRATION
    assert option.may_be_chosen
    assert option.reason == "Kingsmead is still on SIMS 7. It starts by itself when the base has moved."
    others = [each for each in (*offer.data_types, *offer.transfer_types) if each.value != option.value]
    assert {each.availability for each in others} == {Availability.NOW}


@pytest.mark.parametrize("value", [*ONLY_SIMS_7, "import", "two_way"])
def test_does_not_offer_to_a_sims_primary_base_what_only_sims_7_knows(value):
    option = options_for([ON_PRIMARY]).for_(value)
    assert option.availability is Availability.NOT_FOR_THESE
    assert option.reason == "SIMS Primary does not support it."
    assert option.bases == ("Ashgrove",)


def test_offers_mixed_bases_attendance_changed_data_alone():
    offer = options_for([ON_7, ON_PRIMARY])
    assert offer.refusal is not None
    assert offer.refusal.remedy == "Make one task for the SIMS 7 bases and one for the SIMS Primary bases."
    assert [each.value for each in offer.data_types if each.may_be_chosen] == ["attendance_changed_data"]


@pytest.mark.parametrize("offered", [[ON_7], [ON_PRIMARY], [ON_7, ON_PRIMARY]])
@pytest.mark.parametrize(
    ("transfer", "data_type", "chosen"),
    [
        *(("export", each.value, each.value) for each in DataType),
        *((each.value, "changed_data", each.value) for each in TransferType if each.value != "export"),
    ],
)
def test_offers_exactly_what_can_then_be_saved(offered, transfer, data_type, chosen):
    is_offered = options_for(offered).for_(chosen).may_be_chosen
    if is_offered:
        assert kind_for(data_type, [each.mis for each in offered], transfer_type=transfer)
    else:
        with pytest.raises(RefusedError):
            kind_for(data_type, [each.mis for each in offered], transfer_type=transfer)


def test_refuses_two_way_for_sims_primary_with_the_way_out():
    with pytest.raises(RefusedError) as refused:
        kind_for("changed_data", ["sims_primary"], transfer_type="two_way")
    assert refused.value.field == "transfer_type"
    assert refused.value.remedy == "Choose Export from School, or untick the SIMS Primary bases."


@pytest.mark.parametrize(
    ("task_kind", "base_kind", "state"),
    [
        ("sims7", "sims7", MembershipState.ACTIVE),
        ("sims_primary", "sims_primary", MembershipState.ACTIVE),
        ("sims_primary", "sims7", MembershipState.WAITING),
        ("sims7", "sims_primary", MembershipState.ENDED),
    ],
)
def test_settles_where_a_base_stands_by_the_two_kinds(task_kind, base_kind, state):
    assert membership_state(task_kind=task_kind, base_kind=base_kind) is state


@pytest.mark.parametrize(
    ("cohort", "words"),
    [
        (Cohort(), "All"),
        (Cohort(nc_years=("R", "1")), "NCY R, 1"),
        (Cohort(is_looked_after_only=True), "Looked After"),
        (Cohort(is_leavers=True, leaver_months=13), "Leavers, 13 months"),
        (Cohort(nc_years=("6",), is_looked_after_only=True, is_leavers=True), "NCY 6; Looked After; Leavers"),
    ],
)
def test_says_a_cohort_in_words(cohort, words):
    assert cohort.words == words


def test_keeps_a_cohort_in_two_columns_and_finds_it_again():
    cohort = Cohort(nc_years=("R",), is_leavers=True, leaver_months=3, is_historic_send_left_out=True)
    assert cohort_from(list(cohort.nc_years), cohort.filters()) == cohort
    assert Cohort(nc_years=("R",)).filters() == {}


def test_remembers_pages_apart_for_different_filters():
    cohorts = [
        Cohort(),
        Cohort(nc_years=("1",)),
        Cohort(is_looked_after_only=True),
        Cohort(is_leavers=True),
        Cohort(is_leavers=True, leaver_months=2),
        Cohort(is_historic_send_left_out=True),
    ]
    assert len({each.key for each in cohorts}) == len(cohorts)


@pytest.mark.parametrize(
    ("cohort", "data_type", "field"),
    [
        (Cohort(nc_years=("15",)), "snapshot", "nc_years"),
        (Cohort(is_leavers=True), "changed_data", "is_leavers"),
        (Cohort(leaver_months=3), "attendance_changed_data", "leaver_months"),
        (Cohort(is_leavers=True, leaver_months=3), "snapshot", "leaver_months"),
        (Cohort(is_leavers=True, leaver_months=14), "attendance_changed_data", "leaver_months"),
        (Cohort(is_leavers=True, leaver_months=0), "attendance_changed_data", "leaver_months"),
        (Cohort(is_historic_send_left_out=True), "attendance_changed_data", "is_historic_send_left_out"),
    ],
)
def test_refuses_filters_a_data_type_does_not_take(cohort, data_type, field):
    with pytest.raises(RefusedError) as refused:
        check_cohort(cohort, data_type=data_type)
    assert refused.value.field == field


def within_day(**more):
    return Schedule(
        frequency="weekly", starts_on=date(2026, 11, 24), start_time=time(8), weekdays=(0,), **more
    )


@pytest.mark.parametrize(
    ("schedule", "field"),
    [
        (within_day(repeat_minutes=4, repeat_until=time(9)), "repeat_minutes"),
        (within_day(repeat_minutes=30), "repeat_until"),
        (within_day(repeat_minutes=30, repeat_until=time(8)), "repeat_until"),
        (within_day(repeat_until=time(9)), "repeat_minutes"),
        (within_day(window_minutes=721), "window_minutes"),
        (
            Schedule(
                frequency="once",
                starts_on=date(2026, 11, 24),
                start_time=time(8),
                repeat_minutes=30,
                repeat_until=time(9),
            ),
            "repeat_minutes",
        ),
    ],
)
def test_refuses_repeats_and_windows_that_can_not_be(schedule, field):
    with pytest.raises(RefusedError) as refused:
        check_schedule(schedule)
    assert refused.value.field == field
