"""Statistics from strings."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from schoolgate.attendance.counts import Statistics, count_marks, count_parts
from schoolgate.attendance.merging import Merge
from schoolgate.codes import attendance
from schoolgate_message.records import DayMarks

START = date(2025, 9, 1)
END = date(2026, 9, 1)


def counted(*days: DayMarks, from_on: date = START, until_on: date = END) -> Statistics:
    merge = Merge(starts_on=(9, 1))
    years = {}
    merge.put(1, days, years)
    year = years[2025]
    return count_marks(
        year.marks,
        start_date=year.start_date,
        whole_codes=year.whole_codes,
        from_on=from_on,
        until_on=until_on,
    )


def test_counts_as_the_department_does():
    got = counted(
        DayMarks(on="2025-09-03", am="/", pm="\\"),
        DayMarks(on="2025-09-04", am="L", pm="V"),
        DayMarks(on="2025-09-05", am="I", pm="U"),
        DayMarks(on="2025-09-08", am="D", pm="Y2"),
        DayMarks(on="2025-09-09", am="#", pm="Z"),
    )
    assert got == Statistics(
        present=3, approved_activity=1, authorised=1, unauthorised=1, not_possible=2, late=2
    )
    assert (got.possible, got.attended, got.rate) == (6, 4, 4 / 6)


def test_counts_an_interview_of_2024_as_absence_and_one_before_as_activity():
    got = counted(DayMarks(on="2025-09-03", am="J1", pm="J"))
    assert (got.authorised, got.approved_activity) == (1, 1)


def test_has_no_rate_where_nothing_was_possible():
    assert counted(DayMarks(on="2025-09-03", am="X")).rate is None


def test_counts_only_between_its_two_days():
    days = [DayMarks(on=f"2025-09-{day:02}", am="/", pm="\\") for day in (3, 4, 5)]
    assert counted(*days, from_on=date(2025, 9, 4), until_on=date(2025, 9, 5)).present == 2
    assert counted(*days, from_on=date(2024, 1, 1), until_on=date(2028, 1, 1)).present == 6


@given(
    st.lists(
        st.sampled_from([code for code in attendance.CODES if attendance.known(code, START)]),
        min_size=1,
        max_size=60,
    )
)
def test_adds_up(codes):
    days = [
        DayMarks(on=date.fromordinal(START.toordinal() + n).isoformat(), am=code)
        for n, code in enumerate(codes)
    ]
    got = counted(*days)
    assert got.possible == sum(attendance.is_possible(code) for code in codes)
    assert got.attended == sum(attendance.is_attended(code) for code in codes)
    assert got.late == sum(code in "LU" for code in codes)


@given(
    st.lists(
        st.lists(st.sampled_from([*attendance.CODES, "-"]), max_size=40).filter(
            lambda codes: len(codes) % 2 == 0
        ),
        max_size=5,
    )
)
def test_counts_many_strings_at_once_as_each_by_itself(strings):
    until_on = date.fromordinal(START.toordinal() + 20)
    parts, moved, expected = [], {}, []
    for number, codes in enumerate(strings):
        whole = {
            f"{date.fromordinal(START.toordinal() + place // 2)} {('AM', 'PM')[place % 2]}": code
            for place, code in enumerate(codes)
            if len(code) > 1
        }
        marks = "".join(code[0] for code in codes)
        parts.append(marks)
        moved[number] = list(whole.values())
        expected.append(
            count_marks(marks, start_date=START, whole_codes=whole, from_on=START, until_on=until_on)
        )
    assert count_parts(parts, moved) == expected
