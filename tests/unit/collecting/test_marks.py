"""Marks on their way from references to days."""

from __future__ import annotations

from datetime import date

from schoolgate.collecting.marks import Marks
from schoolgate.connectors.port import SchoolSession
from schoolgate_message.records import DayMarks

DAYS = {
    "s1": SchoolSession(on=date(2026, 11, 2), name="AM"),
    "s2": SchoolSession(on=date(2026, 11, 2), name="PM"),
    "s3": SchoolSession(on=date(2026, 11, 3), name="AM"),
}
LETTERS = {"present": "/", "holiday": "C1"}


def marks_of(*given: tuple[str, str]) -> tuple[DayMarks, ...]:
    marks = Marks()
    for session, code in given:
        marks.add("pupil", session, code)
    marks.resolve(DAYS, LETTERS)
    return marks.of("pupil")


def test_puts_morning_and_afternoon_of_a_day_together() -> None:
    assert marks_of(("s3", "holiday"), ("s1", "present"), ("s2", "present")) == (
        DayMarks(on="2026-11-02", am="/", pm="/"),
        DayMarks(on="2026-11-03", am="C1"),
    )


def test_says_that_a_mark_was_removed() -> None:
    assert marks_of(("s1", "")) == (DayMarks(on="2026-11-02", am="-"),)


def test_lets_a_new_mark_outweigh_the_removed_one_in_either_order() -> None:
    expected = (DayMarks(on="2026-11-02", am="/"),)
    assert marks_of(("s1", ""), ("s1", "present")) == expected
    assert marks_of(("s1", "present"), ("s1", "")) == expected


def test_passes_an_unknown_code_on_to_be_refused() -> None:
    assert marks_of(("s1", "nobody knows")) == (DayMarks(on="2026-11-02", am="?"),)
