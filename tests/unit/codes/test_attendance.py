"""Attendance codes: how each counts, by the regulations of 2024, and when it may be used."""

from __future__ import annotations

from datetime import date

import pytest

from schoolgate.codes import attendance
from schoolgate.codes.attendance import (
    CODES,
    MarkClass,
    class_of,
    is_attended,
    is_possible,
    known,
    main_character,
)

TODAY = date(2026, 11, 23)
BEFORE = date(2024, 8, 18)

CLASSES = {
    MarkClass.PRESENT: r"/ \ L",
    MarkClass.APPROVED_ACTIVITY: "B K P V W",
    MarkClass.AUTHORISED_ABSENCE: "C C1 C2 E I J1 M R S T",
    MarkClass.UNAUTHORISED_ABSENCE: "G N O U",
    MarkClass.NOT_POSSIBLE: "D Q X Y1 Y2 Y3 Y4 Y5 Y6 Y7",
    MarkClass.NOT_COUNTED: "Z #",
}


@pytest.mark.parametrize("mark_class", MarkClass)
def test_counts_each_code_as_the_regulations_say(mark_class):
    codes = set(CLASSES[mark_class].split())
    current = {
        code
        for code, found in CODES.items()
        if found.mark_class is mark_class and not found.entry.valid_until
    }
    assert current == codes
    assert all(known(code, TODAY) and class_of(code, TODAY) is mark_class for code in codes)


def test_counts_attended_only_within_possible():
    for code in CODES:
        assert is_possible(code) or not is_attended(code)
    assert is_attended("L")
    assert is_possible("U")
    assert not is_attended("U")
    assert not is_possible("D")


@pytest.mark.parametrize("code", ["K", "Q", "C1", "C2", "J1", "Y1", "Y7"])
def test_knows_the_codes_of_2024_only_since_then(code):
    assert not known(code, BEFORE)
    assert known(code, date(2024, 8, 19))
    assert class_of(code, BEFORE) is MarkClass.NOT_COUNTED


@pytest.mark.parametrize("code", ["H", "J", "Y"])
def test_goes_on_taking_withdrawn_codes_that_schools_still_send(code):
    assert known(code, BEFORE)
    assert known(code, TODAY)


def test_stops_taking_a_code_withdrawn_long_ago():
    assert known("F", date(2013, 8, 31))
    assert not known("F", date(2013, 9, 1))


@pytest.mark.parametrize("code", ["-", "", "I01", "X01", "C3", "Y8", "l", "//", "?"])
def test_knows_no_other_code(code):
    assert not known(code, TODAY)
    assert class_of(code) is MarkClass.NOT_COUNTED


def test_shortens_codes_of_two_characters_to_their_main_one():
    assert {code: main_character(code) for code in ("C1", "C2", "J1", "Y7", "/")} == {
        "C1": "C",
        "C2": "C",
        "J1": "J",
        "Y7": "Y",
        "/": "/",
    }


def test_has_words_for_every_code():
    assert attendance.label("Y6") == "Public health"
    assert attendance.label("I01") == "I01"
