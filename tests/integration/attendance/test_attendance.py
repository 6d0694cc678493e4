"""Marks merged into year strings in PostgreSQL, counted there, and read by the authority's own SQL."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.attendance.actions import merge_marks
from schoolgate.attendance.counts import count_marks
from schoolgate.attendance.merging import Merge
from schoolgate.attendance.models import AttendanceYear
from schoolgate.attendance.queries import statistics, year_calendar, years_of
from schoolgate.audit.models import RecordChange
from schoolgate.authority.models import Authority
from schoolgate.codes import attendance as attendance_codes
from schoolgate.codes.attendance import MarkClass
from schoolgate.pupils.actions import add_pupils
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

WEEK = [
    DayMarks(on="2025-09-03", am="/", pm="\\"),
    DayMarks(on="2025-09-04", am="L", pm="C1"),
    DayMarks(on="2025-09-05", am="I"),
]


@pytest.fixture
def base(db):
    return cast.base()


def merge(base, marks, *, run_id=1, read_at=None):
    return merge_marks(
        base_id=base.pk,
        run_id=run_id,
        file_id=2,
        task_id=None,
        marks=marks,
        read_at=read_at,
        now=cast.NOW,
    )


def begin_years_on(month, day):
    cast.authority()
    Authority.objects.update(academic_year_starts_month=month, academic_year_starts_day=day)


def changes():
    return list(RecordChange.objects.filter(group="attendance").order_by("id"))


def test_writes_one_string_a_pupil_and_year_and_accounts_for_every_mark(base):
    one, other = add_pupils(2, run_id=1, now=cast.NOW)
    outcome = merge(
        base, {one: WEEK, other: [DayMarks(on="2024-12-25", am="#"), DayMarks(on="2025-09-03", am="Q9")]}
    )
    assert (outcome.received, outcome.written, outcome.unchanged, len(outcome.refused)) == (7, 6, 0, 1)
    assert outcome.refused[0].pupil_id == other
    held = AttendanceYear.objects.get(pupil_id=one)
    assert (held.academic_year, held.start_date, len(held.marks)) == (2025, date(2025, 9, 1), 730)
    assert held.marks[:12] == "----/\\LCI---"
    assert held.whole_codes == {"2025-09-04 PM": "C1"}
    assert list(AttendanceYear.objects.filter(pupil_id=other).values_list("academic_year", flat=True)) == [
        2024
    ]


def test_changes_only_what_is_new_and_writes_nothing_when_nothing_is(base):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    merge(base, {pupil: WEEK})
    again = merge(base, {pupil: WEEK}, run_id=2)
    assert (again.received, again.unchanged, again.written) == (5, 5, 0)
    assert AttendanceYear.objects.get().run_id == 1
    assert len(changes()) == 1
    later = merge(base, {pupil: [DayMarks(on="2025-09-05", am="-", pm="/"), WEEK[0]]}, run_id=3)
    assert (later.received, later.unchanged, later.written) == (4, 2, 2)
    held = AttendanceYear.objects.get()
    assert (held.run_id, held.marks[4:12]) == (3, "/\\LC-/--")
    assert held.corrected == {"2025-09-05 AM": "I"}


def test_fills_the_gaps_of_some_and_corrects_others_in_one_go(base):
    filled, corrected, blank_only_in_part = add_pupils(3, run_id=1, now=cast.NOW)
    merge(base, dict.fromkeys((filled, corrected, blank_only_in_part), WEEK))
    outcome = merge(
        base,
        {
            filled: [DayMarks(on="2025-09-08", am="C2", pm="\\"), DayMarks(on="2025-09-09", am="/")],
            corrected: [DayMarks(on="2025-09-04", am="U"), DayMarks(on="2025-09-08", am="/", pm="\\")],
            blank_only_in_part: [DayMarks(on="2025-09-05", am="I", pm="\\")],
        },
        run_id=2,
    )
    assert (outcome.received, outcome.written, outcome.unchanged) == (8, 7, 1)
    held = {each.pupil_id: each for each in AttendanceYear.objects.all()}
    assert {each.run_id for each in held.values()} == {2}
    assert held[filled].marks[4:18] == "/\\LCI-----C\\/-"
    assert held[filled].whole_codes == {"2025-09-04 PM": "C1", "2025-09-08 AM": "C2"}
    assert held[filled].corrected == {}
    assert held[corrected].marks[4:16] == "/\\UCI-----/\\"
    assert held[corrected].corrected == {"2025-09-04 AM": "L"}
    assert held[blank_only_in_part].marks[4:10] == "/\\LCI\\"
    patches = {each.pupil_id: each.after for each in changes() if each.run_id == 2}
    assert patches == {
        filled: {"2025-09-08": ["-", "C2", "-", "\\"], "2025-09-09": ["-", "/", None, None]},
        corrected: {"2025-09-04": ["L", "U", None, None], "2025-09-08": ["-", "/", "-", "\\"]},
        blank_only_in_part: {"2025-09-05": [None, None, "-", "\\"]},
    }


def test_audits_one_patch_a_pupil_year_and_run(base):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    merge(base, {pupil: WEEK})
    merge(base, {pupil: [DayMarks(on="2025-09-05", am="M"), DayMarks(on="2025-01-06", am="/")]}, run_id=2)
    first, *second = changes()
    assert (first.kind, first.before, first.after["2025-09-04"]) == ("added", None, ["-", "L", "-", "C1"])
    assert {(each.kind, each.run_id, str(each.after)) for each in second} == {
        ("changed", 2, str({"2025-09-05": ["I", "M", None, None]})),
        ("added", 2, str({"2025-01-06": ["-", "/", None, None]})),
    }
    assert {each.pupil_id for each in changes()} == {pupil}
    assert {each.file_id for each in changes()} == {2}


def test_keeps_bases_apart(base):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    elsewhere = cast.base("Kingfisher Primary")
    merge(base, {pupil: WEEK})
    merge(elsewhere, {pupil: [DayMarks(on="2025-09-03", am="D", pm="D")]})
    assert sorted(years_of(EVERYTHING, pupil)) == sorted([(base.pk, 2025), (elsewhere.pk, 2025)])
    assert AttendanceYear.objects.get(base=base).marks[4:6] == "/\\"
    assert AttendanceYear.objects.get(base=elsewhere).marks[4:6] == "DD"


def test_begins_the_year_where_the_authority_says(base):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    begin_years_on(8, 1)
    merge(base, {pupil: [DayMarks(on="2025-08-20", am="/")]})
    assert AttendanceYear.objects.get().start_date == date(2025, 8, 1)


def test_puts_new_marks_in_place_after_the_first_day_of_the_year_was_changed(base):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    merge(base, {pupil: WEEK})
    begin_years_on(8, 1)
    merge(base, {pupil: [DayMarks(on="2025-09-08", am="I")]}, run_id=2)
    held = AttendanceYear.objects.get()
    assert (held.start_date, held.marks[4:16]) == (date(2025, 9, 1), "/\\LCI-----I-")


def test_merges_a_whole_school_in_a_handful_of_statements(base, django_assert_max_num_queries):
    pupils = add_pupils(300, run_id=1, now=cast.NOW)
    marks = dict.fromkeys(pupils, WEEK)
    with django_assert_max_num_queries(7):
        outcome = merge(base, marks)
    assert outcome.written == 300 * 5
    assert AttendanceYear.objects.count() == 300


def test_shows_the_strings_under_both_names_of_the_trade(base):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    merge(base, {pupil: WEEK})
    with connection.cursor() as cursor:
        for view in ("dx_xml_attend", "dx_xml_attendance"):
            cursor.execute(
                "SELECT stud_id, base_id, substr(marks, (date '2025-09-04' - start_date) * 2 + 1, 2)"
                f" FROM {view} WHERE start_date >= date '2025-09-01'"
            )
            assert cursor.fetchall() == [(pupil, base.pk, "LC")]


def test_shows_a_year_as_a_calendar(base):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    merge(base, {pupil: WEEK})
    merge(base, {pupil: [DayMarks(on="2025-09-05", am="M")]}, run_id=2)
    calendar = year_calendar(pupil, base.pk, 2025)
    assert [month.first_on.month for month in calendar.months] == [9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8]
    assert sum(len(month.days) for month in calendar.months) == 365
    thursday, friday, saturday = calendar.months[0].days[3:6]
    assert (thursday.on, thursday.pm.code, thursday.pm.mark_class) == (
        date(2025, 9, 4),
        "C1",
        MarkClass.AUTHORISED_ABSENCE,
    )
    assert (friday.am.label, friday.am.corrected_from, friday.pm) == (
        "Medical or dental appointment",
        "I",
        None,
    )
    assert saturday.is_weekend
    assert (calendar.statistics.possible, calendar.statistics.attended, calendar.run_id) == (5, 3, 2)


def test_has_no_calendar_where_there_are_no_marks(base):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    assert year_calendar(pupil, base.pk, 2025) is None


_CODES = [code for code in attendance_codes.CODES if attendance_codes.known(code, date(2025, 9, 1))] + ["-"]
_SENT = st.lists(
    st.builds(
        DayMarks,
        on=st.dates(date(2024, 8, 20), date(2026, 7, 31)).map(date.isoformat),
        am=st.none() | st.sampled_from(_CODES),
        pm=st.none() | st.sampled_from(_CODES),
    ),
    max_size=30,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    sent=st.lists(_SENT, min_size=1, max_size=3),
    from_on=st.dates(date(2024, 8, 1), date(2026, 9, 1)),
    length=st.integers(0, 500),
)
def test_counts_in_the_database_what_the_pure_rule_counts(base, sent, from_on, length):
    pupils = add_pupils(len(sent), run_id=1, now=cast.NOW)
    marks = dict(zip(pupils, sent, strict=True))
    merge(base, marks)
    until_on = from_on + timedelta(days=length)
    got = statistics(base.pk, from_on=from_on, until_on=until_on, pupil_ids=pupils)
    for pupil, days in marks.items():
        pure = Merge(starts_on=(9, 1))
        years = {}
        pure.put(pupil, days, years)
        expected = [
            count_marks(
                year.marks,
                start_date=year.start_date,
                whole_codes=year.whole_codes,
                from_on=max(from_on, year.start_date),
                until_on=min(until_on, year.start_date + timedelta(days=len(year.marks) // 2)),
            )
            for year in years.values()
        ]
        for field in ("present", "approved_activity", "authorised", "unauthorised", "not_possible", "late"):
            held = getattr(got[pupil], field) if pupil in got else 0
            assert held == sum(getattr(each, field) for each in expected)


@pytest.mark.django_db(transaction=True)
def test_refuses_to_work_outside_a_transaction():
    with pytest.raises(RuntimeError, match="in the transaction of the landing"):
        merge_marks(base_id=1, run_id=1, file_id=1, task_id=None, marks={}, read_at=None, now=cast.NOW)
