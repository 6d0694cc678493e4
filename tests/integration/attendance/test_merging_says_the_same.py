"""Whatever way marks take into PostgreSQL, they land as the simplest rule says: mark by mark, into a dict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast

from schoolgate.attendance.actions import merge_marks
from schoolgate.attendance.models import AttendanceYear
from schoolgate.audit.models import RecordChange
from schoolgate.authority.models import Authority
from schoolgate.codes import attendance as attendance_codes
from schoolgate.pupils.actions import add_pupils
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

CODES = ["/", "\\", "L", "I", "N", "C", "C1", "C2", "J", "J1", "Y", "Y3", "K", "F", "#", "-", "?", "I01"]
LATE_IN_2023 = date(2024, 2, 20)  # a week before a 29 February, before some codes were in use
CHANGE_OF_YEAR = date(2024, 8, 12)  # two academic years, and the day some codes came into use
USUAL = st.sampled_from(["/", "/", "\\", "L", "I", "C1", "Y3"])
STARTS = st.builds(
    lambda day, number: day + timedelta(number),
    st.sampled_from([LATE_IN_2023, CHANGE_OF_YEAR]),
    st.integers(0, 9),
)


@st.composite
def new_marks(draw: st.DrawFn) -> list[DayMarks]:
    """What a school nearly always sends of a pupil: a few days one after another, with known codes."""
    day = draw(STARTS)
    is_whole = draw(st.sampled_from([True, True, False]))
    days = []
    for _ in range(draw(st.integers(1, 4))):
        codes = [draw(USUAL) if is_whole or draw(st.booleans()) else None for _ in range(2)]
        days.append(DayMarks(on=day.isoformat(), am=codes[0], pm=codes[1] or draw(USUAL)))
        day += timedelta(draw(st.sampled_from([1, 1, 1, 3])))
    return days


@st.composite
def anything(draw: st.DrawFn) -> list[DayMarks]:
    """What it might send, too: days again, backwards or far apart, removals, closures, codes that are none."""
    day = draw(STARTS)
    codes = st.none() | st.sampled_from(CODES)
    days = []
    for _ in range(draw(st.integers(0, 6))):
        days.append(DayMarks(on=day.isoformat(), am=draw(codes), pm=draw(codes)))
        day += timedelta(draw(st.sampled_from([1, 1, 1, 3, 0, -2, 60])))
    return days


class Plain:
    """One pupil's marks at a base as a dict of school sessions, and what must be told of them."""

    def __init__(self, starts_on: tuple[int, int]) -> None:
        self.starts_on = starts_on
        self.marks: dict[tuple[date, str], str] = {}
        self.corrected: dict[tuple[date, str], str] = {}
        self.touched: dict[int, int] = {}

    def put(self, days: list[DayMarks], *, run_id: int) -> dict[str, object]:
        """Put marks in one after another; answers counts, refusals and the patches by academic year."""
        found: dict[str, object] = {"received": 0, "unchanged": 0, "written": 0, "refused": []}
        patches: dict[int, dict[tuple[date, str], tuple[str, str]]] = {}
        opened = {self.year_of(day) for day, _ in self.marks}
        for day, session, code in sessions(days):
            found["received"] += 1
            old = self.marks.get((day, session), "-")
            if code != "-" and not attendance_codes.known(code, day):
                found["refused"].append((day.isoformat(), session, code))
            elif code == old:
                found["unchanged"] += 1
            else:
                found["written"] += 1
                self.marks[day, session] = code
                if old not in "-#":
                    self.corrected[day, session] = old
                patch = patches.setdefault(self.year_of(day), {})
                first = patch.get((day, session), (old, ""))[0]
                patch[day, session] = (first, code)
        self.touched |= dict.fromkeys(patches, run_id)
        found["patches"] = {
            year: ("changed" if year in opened else "added", noted(patch)) for year, patch in patches.items()
        }
        return found

    def year_of(self, day: date) -> int:
        return day.year if (day.month, day.day) >= self.starts_on else day.year - 1

    def rows(self) -> dict[int, tuple[str, dict[str, str], dict[str, str], int]]:
        """The year strings as they must be held: marks, whole codes, corrections and the last run."""
        return {year: self.row(year) for year in self.touched}

    def row(self, year: int) -> tuple[str, dict[str, str], dict[str, str], int]:
        day, end = date(year, *self.starts_on), date(year + 1, *self.starts_on)
        marks = ""
        while day < end:
            marks += "".join(self.marks.get((day, session), "-")[0] for session in ("AM", "PM"))
            day += timedelta(1)
        whole = {key: code for key, code in self.marks.items() if len(code) > 1}
        return (marks, self.of(year, whole), self.of(year, self.corrected), self.touched[year])

    def of(self, year: int, codes: dict[tuple[date, str], str]) -> dict[str, str]:
        return {f"{day} {half}": code for (day, half), code in codes.items() if self.year_of(day) == year}


def sessions(days: list[DayMarks]) -> Iterator[tuple[date, str, str]]:
    for sent in days:
        for session, code in (("AM", sent.am), ("PM", sent.pm)):
            if code is not None:
                yield date.fromisoformat(sent.on), session, code


def noted(patch: dict[tuple[date, str], tuple[str, str]]) -> dict[str, list[str | None]]:
    days = {day for day, _ in patch}
    nothing = (None, None)
    return {
        day.isoformat(): [*patch.get((day, "AM"), nothing), *patch.get((day, "PM"), nothing)] for day in days
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(
    runs=st.lists(
        st.lists(st.one_of(new_marks(), new_marks(), anything()), min_size=3, max_size=3),
        min_size=2,
        max_size=4,
    ),
    starts_on=st.sampled_from([(9, 1), (9, 1), (8, 19), (1, 1)]),
)
def test_lands_marks_as_the_simplest_rule_says(base, runs, starts_on):
    month, day = starts_on
    Authority.objects.update(academic_year_starts_month=month, academic_year_starts_day=day)
    pupils = add_pupils(3, run_id=1, now=cast.NOW)
    plain = {pupil: Plain(starts_on) for pupil in pupils}
    for run_id, sent in enumerate(runs, start=1):
        last = RecordChange.objects.order_by("id").values_list("id", flat=True).last() or 0
        marks = dict(zip(pupils, sent, strict=True))
        outcome = merge_marks(
            base_id=base.pk,
            run_id=run_id,
            file_id=2,
            task_id=3,
            marks=marks,
            read_at=None,
            now=cast.NOW,
        )
        expected = {pupil: plain[pupil].put(days, run_id=run_id) for pupil, days in marks.items()}
        for term in ("received", "unchanged", "written"):
            assert getattr(outcome, term) == sum(each[term] for each in expected.values())
        assert sorted(
            (each.pupil_id, each.on, each.session, each.mark) for each in outcome.refused
        ) == sorted((pupil, *refused) for pupil, each in expected.items() for refused in each["refused"])
        audited = RecordChange.objects.filter(id__gt=last)
        assert sorted((each.pupil_id, each.kind, sorted(each.after.items())) for each in audited) == sorted(
            (pupil, kind, sorted(patch.items()))
            for pupil, each in expected.items()
            for kind, patch in each["patches"].values()
        )
        assert {whence(each) for each in audited} <= {("attendance", run_id, base.pk, 2, 3, "always import")}
    for pupil in pupils:
        held = {
            each.academic_year: (each.marks, each.whole_codes, each.corrected, each.run_id)
            for each in AttendanceYear.objects.filter(pupil_id=pupil)
        }
        assert held == plain[pupil].rows()


def whence(change: RecordChange) -> tuple[object, ...]:
    return (
        change.group,
        change.run_id,
        change.base_id,
        change.file_id,
        change.task_id,
        change.reason,
    )


@pytest.fixture
def base(db):
    cast.authority()
    return cast.base()
