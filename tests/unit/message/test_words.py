"""The words a message says of rolls and sources, and what they mean."""

from __future__ import annotations

import pytest

from schoolgate_message import layout
from schoolgate_message.roll_states import (
    ABSENT,
    CURRENT,
    FUTURE,
    LEAVER,
    SENT,
    UNTOLD,
    attends,
    begins_to_attend,
    has_come,
    has_left,
    is_on_roll,
    may_attend,
)
from schoolgate_message.source_keys import source_key

EVERY = (CURRENT, FUTURE, LEAVER, ABSENT, UNTOLD)


def test_says_who_is_at_the_school_who_is_expected_and_who_has_gone():
    assert {each for each in EVERY if attends(each)} == {CURRENT, UNTOLD}
    assert {each for each in EVERY if may_attend(each)} == {CURRENT, UNTOLD, ABSENT}
    assert {each for each in EVERY if is_on_roll(each)} == {CURRENT, UNTOLD, FUTURE}
    assert {each for each in EVERY if has_left(each)} == {LEAVER}


def test_says_who_has_come_or_come_back():
    come = {(before, state) for before in EVERY for state in EVERY if has_come(state, before=before)}
    assert come == {
        *((before, state) for before in (LEAVER, ABSENT) for state in (CURRENT, UNTOLD, FUTURE)),
        (FUTURE, CURRENT),
        (FUTURE, UNTOLD),
    }


def test_says_who_begins_to_be_at_the_school():
    begun = {(before, state) for before in EVERY for state in EVERY if begins_to_attend(state, before=before)}
    assert begun == {(before, state) for before in (FUTURE, LEAVER, ABSENT) for state in (CURRENT, UNTOLD)}


def test_lets_a_message_say_three_of_the_states():
    assert layout.ROLL_STATES == SENT == (CURRENT, LEAVER, FUTURE)


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("SIMS Primary", "sims_primary"),
        ("sims_primary", "sims_primary"),
        ("  SIMS\u00a07 (agent)", "sims_7_agent"),
        ("hand-written", "hand_written"),
        ("École", "école"),
        ("--", "unnamed"),
        ("x" * 60, "x" * 40),
    ],
)
def test_knows_a_source_by_a_short_name(said, key):
    assert source_key(said) == key
    assert source_key(key) == key
