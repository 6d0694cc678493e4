"""Marks end as in the order in which they were read at the source, whatever the order in which they come."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from importlib import import_module

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast

from schoolgate.attendance.actions import MarksOutcome, merge_marks
from schoolgate.attendance.models import AttendanceYear
from schoolgate.audit.models import RecordChange
from schoolgate.authority.models import Authority
from schoolgate.bases.models import Base
from schoolgate.pupils.actions import add_pupils
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db
MONDAY, TUESDAY, WEDNESDAY = "2025-09-08", "2025-09-09", "2025-09-10"


@pytest.fixture
def base(db) -> Base:
    cast.authority()
    return cast.base()


@pytest.fixture
def pupil(base) -> int:
    (made,) = add_pupils(1, run_id=1, now=cast.NOW)
    return made


def read(hours: float) -> datetime:
    """When something was read: so many hours after a Monday's midnight."""
    return cast.NOW + timedelta(hours=hours)


def land(base, pupil, *days, at: float | None, run_id: int = 1, **told) -> MarksOutcome:
    outcome = merge_marks(
        base_id=base.pk,
        run_id=run_id,
        file_id=2,
        task_id=None,
        marks={pupil: days},
        read_at=None if at is None else read(at),
        now=cast.NOW + timedelta(days=30),
        **told,
    )
    assert outcome.received == sum(
        (outcome.unchanged, outcome.written, outcome.ignored, len(outcome.refused))
    )
    left_alone = (outcome.newer_held, outcome.others_held)
    assert outcome.ignored == sum(len(each) for held in left_alone for each in held.values())
    return outcome


def week(pupil: int) -> str:
    """The marks of Monday to Wednesday."""
    return AttendanceYear.objects.get(pupil_id=pupil).marks[14:20]


def test_leaves_alone_what_newer_content_changed_half_day_by_half_day(base, pupil):
    land(base, pupil, DayMarks(on=MONDAY, am="/", pm="\\"), DayMarks(on=TUESDAY, am="/"), at=1)
    land(base, pupil, DayMarks(on=MONDAY, am="I"), at=3, run_id=2)
    late = land(
        base, pupil, DayMarks(on=MONDAY, am="L", pm="V"), DayMarks(on=TUESDAY, pm="M"), at=2, run_id=3
    )
    assert (late.received, late.written, late.ignored) == (3, 2, 1)
    assert late.newer_held == {pupil: [f"{MONDAY} AM"]}
    assert week(pupil) == "IV/M--"
    patch = RecordChange.objects.get(run_id=3)
    assert (patch.after, patch.read_at) == (
        {MONDAY: [None, None, "\\", "V"], TUESDAY: [None, None, "-", "M"]},
        read(2),
    )


def test_does_not_fill_a_place_that_is_blank_because_a_mark_was_taken_back(base, pupil):
    land(base, pupil, DayMarks(on=MONDAY, am="/"), DayMarks(on=WEDNESDAY, am="/"), at=1)
    land(base, pupil, DayMarks(on=MONDAY, am="-"), at=3)
    late = land(base, pupil, DayMarks(on=MONDAY, am="L", pm="\\"), at=2)
    assert (late.written, late.ignored) == (1, 1)
    assert week(pupil) == "-\\--/-"


def test_does_not_bring_back_a_mark_whose_coming_and_going_was_read_before_it(base, pupil):
    removed = land(base, pupil, DayMarks(on=MONDAY, am="-"), at=3)
    assert (removed.unchanged, RecordChange.objects.count()) == (1, 0)
    late = land(base, pupil, DayMarks(on=MONDAY, am="/"), at=2)
    assert (late.written, late.ignored) == (0, 1)
    assert week(pupil) == "------"


def test_leaves_alone_what_newer_content_found_unchanged(base, pupil):
    land(base, pupil, DayMarks(on=MONDAY, am="/", pm="\\"), at=1)
    land(base, pupil, DayMarks(on=MONDAY, am="/"), at=3)
    late = land(base, pupil, DayMarks(on=MONDAY, am="I", pm="I"), at=2)
    assert (late.written, late.ignored) == (1, 1)
    assert week(pupil) == "/I----"


def test_lands_older_marks_of_days_that_newer_content_did_not_speak_of(base, pupil):
    land(base, pupil, DayMarks(on=TUESDAY, am="/", pm="\\"), at=3)
    late = land(base, pupil, DayMarks(on=MONDAY, am="/", pm="\\"), at=2, run_id=2)
    assert (late.written, late.ignored) == (2, 0)
    held = AttendanceYear.objects.get()
    assert (held.marks[14:20], held.read_at, held.run_id) == ("/\\/\\--", read(3), 2)


def test_takes_content_read_at_the_same_instant_as_no_older(base, pupil):
    land(base, pupil, DayMarks(on=MONDAY, am="/"), at=2)
    again = land(base, pupil, DayMarks(on=MONDAY, am="I", pm="\\"), at=2)
    assert (again.written, again.ignored) == (2, 0)
    assert week(pupil) == "I\\----"


def test_takes_content_of_an_unknown_time_as_older_than_any_known(base, pupil):
    land(base, pupil, DayMarks(on=MONDAY, am="/"), DayMarks(on=TUESDAY, am="/"), at=None)
    land(base, pupil, DayMarks(on=MONDAY, am="I"), at=1)
    late = land(base, pupil, DayMarks(on=MONDAY, am="L"), DayMarks(on=TUESDAY, am="L"), at=None)
    assert (late.written, late.ignored) == (1, 1)
    assert week(pupil) == "I-L---"
    assert AttendanceYear.objects.get().read_at == read(1)


def test_knows_of_each_row_the_newest_reading_also_where_nothing_changed(base, pupil):
    land(base, pupil, DayMarks(on=MONDAY, am="/"), at=1)
    land(base, pupil, DayMarks(on=MONDAY, am="/"), at=4, run_id=2)
    held = AttendanceYear.objects.get()
    assert (held.read_at, held.run_id, RecordChange.objects.count()) == (read(4), 1, 1)
    land(base, pupil, DayMarks(on=TUESDAY, am="/"), at=2, run_id=3)
    assert AttendanceYear.objects.get().read_at == read(4)


def test_refuses_a_code_that_is_none_without_taking_it_for_newer_content(base, pupil):
    land(base, pupil, DayMarks(on=MONDAY, am="?", pm="\\"), at=3)
    late = land(base, pupil, DayMarks(on=MONDAY, am="/"), at=2)
    assert late.written == 1
    assert week(pupil) == "/\\----"


def test_asks_the_audit_nothing_while_nothing_comes_late(base, django_assert_num_queries):
    pupils = add_pupils(20, run_id=1, now=cast.NOW)
    days = (DayMarks(on=MONDAY, am="/", pm="\\"),)
    for pupil in pupils[:10]:
        land(base, pupil, *days, at=1)
    said = {"base_id": base.pk, "run_id": 2, "file_id": 2, "task_id": None, "now": cast.NOW}
    with django_assert_num_queries(6) as asked:
        merge_marks(marks=dict.fromkeys(pupils, days), read_at=read(2), **said)
    assert "SELECT" not in "".join(each["sql"] for each in asked if "record_change" in each["sql"])


CODES = st.sampled_from(["/", "\\", "I", "C1", "C2", "-", "-", "#", "?"])
DAYS = st.integers(0, 8).map(lambda number: date(2025, 8, 28) + timedelta(number))


@st.composite
def messages(draw: st.DrawFn) -> list[list[DayMarks]]:
    """Some messages of one pupil, in the order of their reading: days one after another, or anything."""
    usual = st.builds(
        lambda first, length, code: [
            DayMarks(on=(first + timedelta(number)).isoformat(), am=code, pm="\\") for number in range(length)
        ],
        DAYS,
        st.integers(1, 4),
        st.sampled_from(["/", "C1"]),
    )
    anything = st.lists(
        st.builds(DayMarks, on=DAYS.map(date.isoformat), am=st.none() | CODES, pm=st.none() | CODES),
        max_size=6,
    )
    return draw(st.lists(usual | anything, min_size=2, max_size=5))


def in_order(sent: list[list[DayMarks]]) -> dict[str, str]:
    """The plainest rule: what was read last of each half day holds."""
    return {key: code for key, code in spoken_of(sent).items() if code != "-"}


def spoken_of(sent: list[list[DayMarks]]) -> dict[str, str]:
    """What was read last of each half day; ``-`` where a mark was taken back."""
    marks: dict[str, str] = {}
    for days in sent:
        for day in days:
            for session, code in (("AM", day.am), ("PM", day.pm)):
                if code is not None and code != "?":
                    marks[f"{day.on} {session}"] = code
    return marks


def held_marks(pupil: int) -> dict[str, str]:
    """Every mark held of a pupil; a half day that stands in two strings fails."""
    marks: dict[str, str] = {}
    for year in AttendanceYear.objects.filter(pupil_id=pupil):
        for place, character in enumerate(year.marks):
            if character != "-":
                on = year.start_date + timedelta(days=place // 2)
                key = f"{on} {('AM', 'PM')[place % 2]}"
                assert key not in marks
                marks[key] = year.whole_codes.get(key, character)
        assert year.whole_codes.keys() <= marks.keys()
    return marks


PROPERTY = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None
)


@PROPERTY
@given(st.data())
def test_ends_as_in_the_order_of_reading_whatever_the_order_of_arrival(base, data):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    sent = data.draw(messages())
    for number in data.draw(st.permutations(range(len(sent)))):
        land(base, pupil, *sent[number], at=number, run_id=number)
    assert held_marks(pupil) == in_order(sent)


@PROPERTY
@given(st.data())
def test_ends_so_also_when_the_first_day_of_the_year_is_changed_in_between(base, data):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    sent = data.draw(messages())
    for number in data.draw(st.permutations(range(len(sent)))):
        month, day = data.draw(st.sampled_from([(9, 1), (8, 30), (9, 3), (1, 1)]))
        Authority.objects.update(academic_year_starts_month=month, academic_year_starts_day=day)
        land(base, pupil, *sent[number], at=number, run_id=number)
    assert held_marks(pupil) == in_order(sent)


SOURCES = ["the_mis", "a_supplier", "another_supplier"]
"""In the order in which they come before one another."""


@PROPERTY
@given(st.data())
def test_ends_with_what_the_first_of_several_sources_has_spoken_of_each_half_day(base, data):
    (pupil,) = add_pupils(1, run_id=1, now=cast.NOW)
    sent = data.draw(messages())
    sources = data.draw(st.lists(st.sampled_from(SOURCES), min_size=len(sent), max_size=len(sent)))
    for number in data.draw(st.permutations(range(len(sent)))):
        before = SOURCES[: SOURCES.index(sources[number])]
        told = {"source": sources[number], "before": {pupil: before}}
        land(base, pupil, *sent[number], at=number, run_id=number, **told)
    expected: dict[str, str] = {}
    for source in reversed(SOURCES):
        expected |= spoken_of([days for days, of in zip(sent, sources, strict=True) if of == source])
    assert held_marks(pupil) == {key: code for key, code in expected.items() if code != "-"}


def test_the_migration_gives_the_marks_held_to_the_system_collected_from(base, pupil):
    land(base, pupil, DayMarks(on=MONDAY, am="/"), at=1)
    migration = import_module("schoolgate.attendance.migrations.0005_sources")
    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)
    assert AttendanceYear.objects.get().source == "sims_primary"
    told = {"source": "a_supplier", "before": {pupil: {"sims_primary"}}}
    outcome = land(base, pupil, DayMarks(on=MONDAY, am="I", pm="I"), at=2, **told)
    assert (outcome.written, outcome.others_held) == (1, {pupil: [f"{MONDAY} AM"]})
    assert week(pupil) == "/I----"


def test_a_second_source_does_not_slow_the_first_ones_next_marks(base, pupil, django_assert_num_queries):
    """Whose row it becomes, its gaps are filled unread again."""
    land(base, pupil, DayMarks(on=MONDAY, am="I"), at=1, source="a_supplier")
    land(base, pupil, DayMarks(on=TUESDAY, am="/"), at=2, source="the_mis")
    assert AttendanceYear.objects.values_list("source", flat=True).get() == "the_mis"
    with django_assert_num_queries(3):
        land(base, pupil, DayMarks(on=WEDNESDAY, am="/"), at=3, source="the_mis")
    assert week(pupil) == "I-/-/-"
