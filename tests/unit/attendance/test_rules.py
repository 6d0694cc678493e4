"""Marks in strings, held against the simplest thing that could work: a dict of marks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.attendance.merging import Merge
from schoolgate.attendance.rules import parse_day, place_of
from schoolgate.attendance.years import YearMarks, blank_year
from schoolgate.authority.academic_years import FIRST_OF_SEPTEMBER, first_day
from schoolgate_message.records import DayMarks

CODES = ["/", "\\", "L", "I", "C", "C1", "C2", "J", "J1", "Y", "Y3", "N", "#", "-"]
DAYS = st.dates(date(2024, 8, 19), date(2026, 8, 31)).map(date.isoformat)
SENT = st.lists(
    st.builds(
        DayMarks, on=DAYS, am=st.none() | st.sampled_from(CODES), pm=st.none() | st.sampled_from(CODES)
    ),
    max_size=40,
)
STARTS = st.sampled_from([(9, 1), (8, 1), (1, 1), (8, 19)])


def sessions(days):
    for day in days:
        for half, code in enumerate((day.am, day.pm)):
            if code is not None:
                yield day.on, half, code


def merged(days, years=None, *, starts_on=FIRST_OF_SEPTEMBER):
    merge = Merge(starts_on=starts_on)
    years = {} if years is None else years
    merge.put(7, days, years)
    return years, merge.finish()


def test_gives_every_calendar_day_two_characters():
    assert blank_year(2024, starts_on=FIRST_OF_SEPTEMBER).marks == "-" * 730
    assert blank_year(2023, starts_on=FIRST_OF_SEPTEMBER).marks == "-" * 732  # holds 29 February 2024


@pytest.mark.parametrize(
    ("day", "session", "place"),
    [
        (date(2023, 9, 1), "AM", 0),
        (date(2023, 9, 1), "PM", 1),
        (date(2024, 2, 29), "AM", 362),
        (date(2024, 3, 1), "PM", 365),
        (date(2024, 8, 31), "PM", 731),
    ],
)
def test_places_morning_before_afternoon_with_weekends_and_leap_days(day, session, place):
    assert place_of(day, session, start_date=date(2023, 9, 1)) == place


@given(SENT, SENT, STARTS)
def test_says_the_same_as_a_dict_of_marks(first, second, starts_on):
    years, counted = merged(first, starts_on=starts_on)
    years, again = merged(second, years, starts_on=starts_on)
    oracle: dict[tuple[str, int], str] = {}
    written = 0
    for on, half, code in [*sessions(first), *sessions(second)]:
        written += oracle.get((on, half), "-") != code
        oracle[on, half] = code
    assert counted.written + again.written == written
    assert counted.received + again.received == len([*sessions(first), *sessions(second)])
    for tally in (counted, again):
        assert tally.received == tally.unchanged + tally.written + len(tally.refused)
    for (on, half), code in oracle.items():
        day = parse_day(on, starts_on=starts_on)
        year = years.get(day.academic_year)
        if year is None:
            assert code == "-"
            continue
        place = place_of(date.fromisoformat(on), ("AM", "PM")[half], start_date=year.start_date)
        assert year.marks[place] == code[0]
        assert year.code_at(day, half) == code
    held = sum(len(year.marks) - year.marks.count("-") for year in years.values())
    assert held == sum(code != "-" for code in oracle.values())
    whole = {key: code for year in years.values() for key, code in year.whole_codes.items()}
    assert sorted(whole.values()) == sorted(code for code in oracle.values() if len(code) > 1)


@given(SENT)
def test_changes_nothing_the_second_time(days):
    last: dict[str, DayMarks] = {day.on: day for day in days}
    years, _ = merged(list(last.values()))
    before = {
        number: (year.marks, dict(year.whole_codes), dict(year.corrected)) for number, year in years.items()
    }
    _, again = merged(list(last.values()), years)
    assert again.unchanged == again.received
    assert {n: (year.marks, year.whole_codes, year.corrected) for n, year in years.items()} == before


@given(SENT, SENT)
def test_can_be_repeated_from_its_patches(first, second):
    years, _ = merged(first)
    before = {number: year.marks for number, year in years.items()}
    for year in years.values():
        year.patch.clear()
    merged(second, years)
    for year in years.values():
        old = YearMarks(
            year.academic_year,
            start_date=year.start_date,
            marks=before.get(
                year.academic_year, blank_year(year.academic_year, starts_on=FIRST_OF_SEPTEMBER).marks
            ),
        )
        for on, (old_am, new_am, old_pm, new_pm) in year.patch.items():
            for half, (was, now) in enumerate(((old_am, new_am), (old_pm, new_pm))):
                assert (was is None) == (now is None)
                if now is not None:
                    old.put(parse_day(on, starts_on=FIRST_OF_SEPTEMBER), half, now)
        assert old.marks == year.marks


def test_keeps_the_whole_code_beside_the_main_character():
    years, _ = merged([DayMarks(on="2025-09-03", am="C1", pm="J1")])
    year = years[2025]
    assert year.marks[4:6] == "CJ"
    assert year.whole_codes == {"2025-09-03 AM": "C1", "2025-09-03 PM": "J1"}
    merged([DayMarks(on="2025-09-03", am="C", pm="-")], years)
    assert year.marks[4:6] == "C-"
    assert year.whole_codes == {}


def test_tells_apart_two_codes_with_one_main_character():
    years, _ = merged([DayMarks(on="2025-09-03", am="C1")])
    _, tally = merged([DayMarks(on="2025-09-03", am="C2")], years)
    assert tally.written == 1
    assert years[2025].patch == {"2025-09-03": ("-", "C2", None, None)}


def test_notes_a_correction_and_not_a_filled_gap_or_closure():
    years, _ = merged([DayMarks(on="2025-09-03", am="N", pm="#"), DayMarks(on="2025-09-04", am="C1")])
    assert years[2025].corrected == {}
    merged([DayMarks(on="2025-09-03", am="I", pm="/"), DayMarks(on="2025-09-04", am="-")], years)
    assert years[2025].corrected == {"2025-09-03 AM": "N", "2025-09-04 AM": "C1"}


@pytest.mark.parametrize(
    ("day", "code", "refusal"),
    [
        ("2025-09-03", "I01", "attendance.unknown_code"),
        ("2025-09-03", "?", "attendance.unknown_code"),
        ("2024-08-18", "C1", "attendance.code_of_another_time"),
        ("2025-09-03", "F", "attendance.code_of_another_time"),
    ],
)
def test_refuses_a_code_with_its_reason_and_takes_the_others(day, code, refusal):
    years, tally = merged([DayMarks(on=day, am=code, pm="\\")])
    assert [(each.pupil_id, each.on, each.session, each.mark, each.code) for each in tally.refused] == [
        (7, day, "AM", code, refusal)
    ]
    assert tally.refused[0].sentence
    assert tally.refused[0].remedy
    assert (tally.received, tally.written, tally.unchanged) == (2, 1, 0)
    assert sum(year.marks.count("\\") for year in years.values()) == 1


def test_opens_no_year_for_a_removal():
    _, tally = merged([DayMarks(on="2025-09-03", am="-")])
    assert (tally.received, tally.unchanged, tally.written) == (1, 1, 0)


def test_refuses_a_day_that_is_none():
    with pytest.raises(ValueError):
        merged([DayMarks(on="2025-02-29", am="/")])


def test_makes_a_string_longer_at_either_end_when_the_first_day_of_the_year_was_changed():
    start = date(2025, 9, 10)
    year = YearMarks(2025, start_date=start, marks="/\\")
    for day in (start - timedelta(days=3), start + timedelta(days=2)):
        year.put(parse_day(day.isoformat(), starts_on=FIRST_OF_SEPTEMBER), 1, "I")
    assert year.start_date == start - timedelta(days=3)
    assert year.marks == "-I----" + "/\\" + "---I"


@pytest.mark.parametrize("on", ["0001-01-01", "1813-05-05", "1996-08-31", "2200-01-01", "9999-12-31"])
def test_refuses_a_day_nobodys_attendance_lies_in(on):
    years, tally = merged([DayMarks(on=on, am="/", pm="-")])
    assert [each.code for each in tally.refused] == ["attendance.day_out_of_time"] * 2
    assert not years


def test_begins_a_year_on_its_first_day():
    assert (
        blank_year(2025, starts_on=(8, 1)).start_date == first_day(2025, starts_on=(8, 1)) == date(2025, 8, 1)
    )
