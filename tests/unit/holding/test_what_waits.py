"""What waits, as plain values: marks laid over one another, the message made of it, what was looked at."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, keys
from tests.waiting import block, delete, marks

from schoolgate.holding.rules import (
    are_marks_alone,
    fingerprint,
    joined_marks,
    marks_content,
    marks_of,
    newest_of_each,
    pupils_of,
)
from schoolgate_message.records import DayMarks

LATER = cast.NOW + timedelta(hours=1)
HALF = st.sampled_from([None, "/", "\\", "N", "-", "Y1"])
DAYS = st.dictionaries(
    st.sampled_from(["2026-11-19", "2026-11-20", "2026-11-23"]), st.tuples(HALF, HALF), max_size=3
)


def sent(days: dict[str, tuple[str | None, str | None]]) -> list[DayMarks]:
    return [DayMarks(on=on, am=am, pm=pm) for on, (am, pm) in days.items()]


@given(held=DAYS, newer=DAYS)
def test_lays_every_newer_mark_over_the_held_and_loses_none_it_does_not_tell(held, newer):
    joined = {
        day.on: (day.am, day.pm)
        for day in marks_of(joined_marks(*map(marks_content, map(sent, (held, newer)))))
    }
    assert joined.keys() == held.keys() | newer.keys()
    for on, halves in joined.items():
        none = (None, None)
        for half, was, says in zip(halves, held.get(on, none), newer.get(on, none), strict=True):
            assert half == (was if says is None else says)


def test_makes_one_pupil_of_an_external_id_with_the_keys_read_last():
    renamed = keys("twin one", family_name="Marlowe-Ray")
    waiting = [
        block(renamed, "address", ADDRESS, read_at=LATER),
        delete("twin one", "sen_needs"),
        marks("twin one", DayMarks(on="2026-11-20", am="/")),
        block("twin two", "address", OTHER_ADDRESS),
    ]
    first, second = pupils_of(waiting)
    assert first.keys == renamed
    assert first.blocks == {"address": ADDRESS}
    assert first.deleted == ("sen_needs",)
    assert first.marks == (DayMarks(on="2026-11-20", am="/"),)
    assert second.blocks == {"address": OTHER_ADDRESS}


def test_takes_of_what_comes_twice_what_was_read_last_in_whatever_order():
    early, late = (
        block("twin one", "address", ADDRESS),
        block("twin one", "address", OTHER_ADDRESS, read_at=LATER),
    )
    assert newest_of_each([late, early]) == newest_of_each([early, late]) == [late]


def test_tells_marks_alone_from_marks_among_blocks():
    some = marks("twin one", DayMarks(on="2026-11-20", am="/"))
    assert are_marks_alone([some])
    assert not are_marks_alone([some, block("twin one", "address", ADDRESS)])


def test_knows_again_what_was_looked_at_in_whatever_order_and_nothing_else():
    looked_at = [("p-001", "address", "aa"), ("p-002", "address", "bb")]
    assert fingerprint(looked_at) == fingerprint(reversed(looked_at))
    others = (
        looked_at[:1],
        [("p-001", "address", "ab"), looked_at[1]],
        [("p-001", "addressa", "a"), looked_at[1]],
    )
    assert all(fingerprint(each) != fingerprint(looked_at) for each in others)
