"""In which academic year a day lies."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.authority.academic_years import academic_year_of, first_day


@pytest.mark.parametrize(
    ("day", "starts_on", "year"),
    [
        (date(2025, 8, 31), (9, 1), 2024),
        (date(2025, 9, 1), (9, 1), 2025),
        (date(2026, 1, 1), (9, 1), 2025),
        (date(2024, 2, 29), (9, 1), 2023),
        (date(2025, 8, 31), (8, 1), 2025),
        (date(2024, 2, 28), (2, 29), 2023),
        (date(2024, 2, 29), (2, 29), 2024),
        (date(2025, 2, 28), (2, 29), 2024),
        (date(2025, 3, 1), (2, 29), 2025),
    ],
)
def test_finds_the_academic_year_of_a_day(day, starts_on, year):
    assert academic_year_of(day, starts_on=starts_on) == year


@given(
    st.dates(date(1950, 1, 1), date(2199, 12, 31)),
    st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: (day.month, day.day)),
)
def test_finds_every_day_between_the_first_of_its_year_and_the_first_of_the_next(day, starts_on):
    year = academic_year_of(day, starts_on=starts_on)
    assert first_day(year, starts_on=starts_on) <= day < first_day(year + 1, starts_on=starts_on)
    assert academic_year_of(first_day(year, starts_on=starts_on), starts_on=starts_on) == year
    before = first_day(year, starts_on=starts_on) - timedelta(days=1)
    assert academic_year_of(before, starts_on=starts_on) == year - 1
