"""The school calendar."""

from __future__ import annotations

from datetime import date

from schoolgate_sandbox import terms


def test_knows_easter():
    assert [terms.easter(year) for year in (2025, 2026, 2027)] == [
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2027, 3, 28),
    ]


def test_moves_bank_holidays_off_the_weekend():
    # In 2026 Boxing Day is a Saturday; in 2027 Christmas Day is.
    assert date(2026, 12, 28) in terms.bank_holidays(2026)
    assert {date(2027, 12, 27), date(2027, 12, 28)} <= terms.bank_holidays(2027)


def test_has_about_190_days_a_year_none_on_weekends_or_bank_holidays():
    for year in (2024, 2025, 2026, 2028):
        days = [date.fromordinal(day) for day in terms.school_days(year)]
        assert 188 <= len(days) <= 197
        assert all(day.weekday() < 5 and day not in terms.bank_holidays(day.year) for day in days)


def test_starts_the_academic_year_in_september():
    assert terms.academic_year(date(2026, 8, 31)) == 2025
    assert terms.academic_year(date(2026, 9, 1)) == 2026


def test_turns_english_clock_time_into_utc():
    assert terms.iso(terms.at(date(2026, 9, 3).toordinal(), hour=8, minute=50)) == "2026-09-03T07:50:00Z"
    assert terms.iso(terms.at(date(2026, 11, 3).toordinal(), hour=8, minute=50)) == "2026-11-03T08:50:00Z"
