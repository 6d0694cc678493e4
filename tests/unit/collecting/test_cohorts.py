"""Who belongs to a cohort, and which SEND records are history."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.collecting.belonging import belongs
from schoolgate.importing.admission import may_send, without_historic
from schoolgate.tasks.cohorts import Cohort

TODAY = date(2026, 11, 23)
LEFT = {"state": "Leaver", "has_leaving_landed": True, "left_on": date(2026, 9, 4)}


def is_in(cohort, **about):
    told = {
        "nc_year": "3",
        "state": "Current",
        "was_sent_before": True,
        "has_leaving_landed": False,
        "left_on": None,
        "is_looked_after": False,
        "today": TODAY,
        **about,
    }
    return belongs(cohort, **told)


@pytest.mark.parametrize(
    ("cohort", "about", "belongs_to_it"),
    [
        (Cohort(), {}, True),
        (Cohort(), {"nc_year": ""}, True),
        (Cohort(nc_years=("3",)), {}, True),
        (Cohort(nc_years=("4",)), {}, False),
        (Cohort(is_looked_after_only=True), {}, False),
        (Cohort(is_looked_after_only=True), {"is_looked_after": True}, True),
        (Cohort(is_looked_after_only=True, nc_years=("4",)), {"is_looked_after": True}, False),
        (Cohort(is_leavers=True), {}, False),
        (Cohort(is_leavers=True), LEFT, True),
        (Cohort(is_leavers=True), LEFT | {"has_leaving_landed": False}, False),
        (Cohort(is_leavers=True, leaver_months=3), LEFT, True),
        (Cohort(is_leavers=True, leaver_months=2), LEFT, False),
        (Cohort(is_leavers=True, leaver_months=13), LEFT | {"left_on": date(2025, 10, 23)}, True),
        (Cohort(is_leavers=True, leaver_months=13), LEFT | {"left_on": date(2025, 10, 22)}, False),
        (Cohort(is_leavers=True, leaver_months=13), LEFT | {"left_on": None}, False),
        (Cohort(is_leavers=True, is_looked_after_only=True), LEFT, False),
    ],
)
def test_judges_a_pupil_by_every_filter(cohort, about, belongs_to_it):
    assert is_in(cohort, **about) is belongs_to_it


def test_counts_months_back_from_a_day_the_month_does_not_have():
    cohort = Cohort(is_leavers=True, leaver_months=3)
    about = LEFT | {"today": date(2026, 5, 31)}
    assert is_in(cohort, **about | {"left_on": date(2026, 2, 28)})
    assert not is_in(cohort, **about | {"left_on": date(2026, 2, 27)})


def test_sends_of_leavers_all_they_have_when_they_are_asked_for():
    assert not may_send("address", state="Leaver")
    assert may_send("enrolments", state="Leaver")
    assert may_send("address", state="Leaver", are_leavers_asked_for=True)


def record(start, end=None):
    return {"provision": "K", "start_on": start} | ({"end_on": end} if end else {})


def test_leaves_out_historic_send_as_the_handbook_says():
    open_now, closed = record("2024-09-01"), record("2024-01-01", "2024-08-31")
    never_closed = record("2020-09-01")
    assert without_historic([never_closed, closed, open_now]) == ([closed, open_now], 1)
    assert without_historic([never_closed]) == ([never_closed], 0)
    assert without_historic([]) == ([], 0)


def test_keeps_all_that_began_on_the_newest_day():
    first, second = record("2025-09-01") | {"rank": 1}, record("2025-09-01") | {"rank": 2}
    assert without_historic([first, second]) == ([first, second], 0)


days = st.dates(date(2015, 1, 1), TODAY).map(date.isoformat)
records = st.lists(st.builds(record, days, st.none() | days), max_size=8)


@given(records)
def test_never_drops_the_newest_or_a_closed_one(given_records):
    kept, dropped = without_historic(given_records)
    assert len(kept) + dropped == len(given_records)
    assert without_historic(kept) == (kept, 0)
    if given_records:
        assert max(each["start_on"] for each in given_records) in {each["start_on"] for each in kept}
    assert [each for each in given_records if "end_on" in each] == [each for each in kept if "end_on" in each]
