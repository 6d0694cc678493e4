"""Pieces to be filled in, held against marks merged one by one into a blank year."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.attendance.fills import sort_out
from schoolgate.attendance.merging import Merge
from schoolgate.attendance.years import blank_year
from schoolgate_message.records import DayMarks

CODES = st.sampled_from(["/", "\\", "L", "I", "C", "C1", "J1", "Y3", "K", "#", "-", "?"])
STARTS = st.sampled_from([(9, 1), (8, 19), (1, 1)])
MONDAY, TUESDAY = "2025-09-08", "2025-09-09"


@st.composite
def days_in_a_row(draw: st.DrawFn) -> list[DayMarks]:
    day = draw(st.dates(date(2023, 7, 1), date(2025, 9, 1)))
    usual = st.sampled_from(["/", "/", "\\", "I", "C1"])
    codes = draw(st.sampled_from([usual, st.none() | usual, st.none() | CODES]))
    days = []
    for _ in range(draw(st.integers(1, 9))):
        days.append(DayMarks(on=day.isoformat(), am=draw(codes), pm=draw(codes)))
        day += timedelta(draw(st.sampled_from([1, 1, 1, 1, 1, 3, 23, 0, -1])))
    return days


def fills_of(*days, starts_on=(9, 1)):
    return list(sort_out({7: days}, starts_on=starts_on)[0].values())


@given(st.lists(days_in_a_row(), max_size=6), STARTS)
def test_a_piece_put_into_a_blank_year_says_the_same_as_merging_its_marks(sent, starts_on):
    marks = dict(enumerate(sent))
    fills, others = sort_out(marks, starts_on=starts_on)
    assert {pupil_id: marks[pupil_id] for pupil_id in fills} | others == marks
    assert len(fills) + len(others) == len(marks)
    for pupil_id, fill in fills.items():
        merge = Merge(starts_on=starts_on)
        years = {fill.academic_year: blank_year(fill.academic_year, starts_on=starts_on)}
        merge.put(pupil_id, marks[pupil_id], years)
        (year,) = years.values()
        blank = blank_year(fill.academic_year, starts_on=starts_on).marks
        end = fill.place + len(fill.piece)
        assert blank[: fill.place] + fill.piece + blank[end:] == year.marks
        assert json.loads(f"{{{fill.whole_codes}}}") == year.whole_codes
        assert json.loads(fill.patch) == {on: list(noted) for on, noted in year.patch.items()}
        assert not year.corrected
        tally = merge.finish()
        assert (tally.received, tally.written, tally.refused) == (fill.marks, fill.marks, [])


def test_joins_days_over_a_weekend_and_halves_of_days():
    (fill,) = fills_of(
        DayMarks(on="2025-09-05", pm="C1"), DayMarks(on=MONDAY, am="/", pm="\\"), DayMarks(on=TUESDAY, am="I")
    )
    assert (fill.academic_year, fill.place, fill.piece, fill.marks) == (2025, 9, "C----/\\I", 4)
    assert fill.whole_codes == '"2025-09-05 PM":"C1"'


@pytest.mark.parametrize(
    "days",
    [
        [],
        [DayMarks(on=MONDAY)],
        [DayMarks(on=MONDAY, am="-")],
        [DayMarks(on=MONDAY, am="/"), DayMarks(on=TUESDAY, am="?")],
        [DayMarks(on="2024-08-16", am="C1")],
        [DayMarks(on=MONDAY, am="/"), DayMarks(on=MONDAY, pm="\\")],
        [DayMarks(on=TUESDAY, am="/"), DayMarks(on=MONDAY, am="/")],
        [DayMarks(on="2025-08-31", am="/"), DayMarks(on="2025-09-01", am="/")],
        [DayMarks(on="2025-09-01", am="I"), DayMarks(on="2025-10-08", am="/")],
    ],
    ids=[
        "nothing",
        "a day without marks",
        "a removal",
        "a code that is none",
        "a code of another time",
        "one day twice",
        "days in another order",
        "two academic years",
        "days far apart",
    ],
)
def test_leaves_to_merging(days):
    assert fills_of(*days) == []


def test_refuses_a_day_that_is_none_and_one_written_otherwise():
    for on in ("2025-02-29", "20250908", "2025-W37-1"):
        with pytest.raises(ValueError):
            fills_of(DayMarks(on=on, am="/"))
