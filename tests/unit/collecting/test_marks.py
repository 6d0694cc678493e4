"""Marks on their way from references to days."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from schoolgate.collecting.books import MOST_PROBLEMS, Books
from schoolgate.collecting.marks import Marks, SetAside
from schoolgate.collecting.unfit_marks import refuse_marks
from schoolgate.connectors.port import NO_CODE, SchoolCode, SchoolSession
from schoolgate_message.records import DayMarks

MONDAY = date(2026, 11, 2)
DAYS = {
    "s1": SchoolSession(on=MONDAY, name="AM"),
    "s2": SchoolSession(on=MONDAY, name="PM"),
    "s3": SchoolSession(on=date(2026, 11, 3), name="AM"),
    "s1 again": SchoolSession(on=MONDAY, name="AM"),
    "evening": SchoolSession(on=MONDAY, name="", said="Evening"),
    "no day": SchoolSession(on=None, name="AM", said="AM"),
}
CODES = {
    "present": SchoolCode(said="/", statutory="/"),
    "here": SchoolCode(said="P01", statutory="/"),
    "holiday": SchoolCode(said="C1", statutory="C1"),
    "ill": SchoolCode(said="I", statutory="i"),
    "unknown yet": SchoolCode(said="N", statutory="N"),
    "not granted": SchoolCode(said="G", statutory="G"),
    "in words": SchoolCode(said="I02", statutory="Illness (not medical)"),
    "of its own": SchoolCode(said="X01", statutory=""),
}


def settled(*given: tuple[str, str]) -> tuple[Marks, list[SetAside]]:
    marks = Marks()
    for session, code in given:
        marks.add("pupil", session, code)
    return marks, list(marks.resolve(DAYS, CODES))


def marks_of(*given: tuple[str, str]) -> tuple[DayMarks, ...]:
    marks, aside = settled(*given)
    assert not aside
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


def test_takes_the_same_mark_twice_for_one() -> None:
    once = (DayMarks(on="2026-11-02", am="/"),)
    assert marks_of(("s1", "present"), ("s1", "present"), ("s1 again", "present"), ("s1", "here")) == once


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"present", "ill"}, "I"),
        ({"ill", "not granted"}, "G"),
        ({"unknown yet", "ill"}, "I"),
        ({"unknown yet", "present"}, "/"),
        ({"unknown yet", "present", "here", "ill", ""}, "I"),
    ],
)
def test_takes_one_of_two_that_differ_in_whichever_order_they_came(given: set[str], taken: str) -> None:
    found = set()
    for order in permutations(sorted(given)):
        marks, aside = settled(*(("s1", each) for each in order))
        assert marks.of("pupil") == (DayMarks(on="2026-11-02", am=taken),)
        assert {each.reason for each in aside} == {"attendance.two_marks"}
        found.add(tuple(sorted((each.on, each.session, each.code) for each in aside)))
    (told,) = found
    assert len({CODES[each].statutory for each in given if each}) == len(told) + 1


@pytest.mark.parametrize(
    ("session", "code", "expected"),
    [
        ("", "present", ("attendance.no_session", "", "", "/")),
        ("nobody knows", "present", ("attendance.unknown_session", "", "", "/")),
        ("no day", "present", ("attendance.no_day", "", "AM", "/")),
        ("evening", "present", ("attendance.unknown_half", "2026-11-02", "Evening", "/")),
        ("s2", "nobody knows", ("attendance.unknown_code", "2026-11-02", "PM", "")),
        ("s2", NO_CODE, ("attendance.unknown_code", "2026-11-02", "PM", "")),
        ("s2", "in words", ("attendance.unknown_code", "2026-11-02", "PM", "I02")),
        ("s2", "of its own", ("attendance.unknown_code", "2026-11-02", "PM", "X01")),
    ],
)
def test_sets_one_mark_aside_and_lets_the_pupils_others_go_on(
    session: str, code: str, expected: tuple[str, ...]
) -> None:
    marks, aside = settled((session, code), ("s1", "ill"))
    assert [(each.reason, each.on, each.session, each.code) for each in aside] == [expected]
    assert marks.of("pupil") == (DayMarks(on="2026-11-02", am="I"),)
    alone, _ = settled((session, code))
    assert (len(alone), alone.of("pupil")) == (0, ())


def test_counts_every_mark_set_aside_and_has_its_pupil_read_again() -> None:
    marks, aside = settled(("evening", "present"), ("s1", "present"), ("s1", "ill"))
    books = Books()
    refuse_marks(aside, books)
    terms = books.settled()["attendance"]
    assert (terms.received, terms.refused) == (2, 2)
    assert books.refused == [("pupil", "attendance", "attendance.unknown_half")]
    told = {each.code: (each.kind, each.item) for each in books.problems}
    assert told == {
        "attendance.unknown_half": ("refused", "2026-11-02 Evening"),
        "attendance.two_marks": ("refused", "2026-11-02 AM"),
    }
    assert any("Evening" in each.sentence for each in books.problems)
    assert len(marks) == 1


def test_tells_of_some_hundred_marks_and_counts_them_all() -> None:
    books = Books()
    refuse_marks([SetAside(external_id="a", reason="attendance.no_day")] * (MOST_PROBLEMS + 9), books)
    assert len(books.problems) == MOST_PROBLEMS
    assert books.settled()["attendance"].refused == MOST_PROBLEMS + 9
