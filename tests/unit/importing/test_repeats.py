"""What one message says twice, on plain values."""

from __future__ import annotations

from itertools import permutations

import pytest
from tests.landing import ADDRESS, keys, pupil

from schoolgate.importing import repeats
from schoolgate.importing.repeats import Repeats, told_once
from schoolgate_message.records import DayMarks

ON = "2026-11-19"


def gone(who, *groups):
    return pupil(who, with_identity=False, deleted=groups)


def brings(who, *groups):
    return pupil(who, with_identity=False, **dict.fromkeys(groups, ADDRESS))


def gone_through(*sent):
    """External ids with what they bring and delete, batch by batch, and what is deleted beside it."""
    found, batches = Repeats(iter(sent), list), []
    for batch in found.batches():
        twice = found.blocks_twice(batch)
        batches.append([(each.keys.external_id, *each.blocks, *each.deleted) for each in batch])
        batches[-1] += [("twice", *pair) for pair in sorted(twice)]
    return batches, sorted(found.beside)


def test_goes_through_what_deletes_after_what_only_brings():
    batches, beside = gone_through(gone("twin one", "contacts"), brings("twin two", "address"))
    assert batches == [[("p-002", "address")], [("p-001", "contacts")]]
    assert beside == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_delete_beside_what_the_file_brings_is_taken_out_in_any_order(order):
    sent = [
        brings("twin one", "address"),
        gone("twin one", "address", "contacts"),
        brings("twin two", "address"),
    ]
    batches, beside = gone_through(*(sent[place] for place in order))
    landed = [each for batch in batches for each in batch]
    assert sorted(landed) == [("p-001", "address"), ("p-001", "contacts"), ("p-002", "address")]
    assert beside == [("p-001", "address")]


def test_two_contents_stay_in_the_order_of_the_file_behind_a_delete():
    first = pupil("twin one", with_identity=False, deleted=("contacts",), address=ADDRESS)
    batches, _ = gone_through(first, brings("twin one", "address"))
    assert batches == [
        [("p-001", "address", "contacts")],
        [("p-001", "address"), ("twice", "p-001", "address")],
    ]


def test_a_pupil_is_in_a_batch_once_and_batches_are_of_a_size(monkeypatch):
    monkeypatch.setattr(repeats, "BATCH_PUPILS", 2)
    sent = [brings(each, "address") for each in ("twin one", "twin two", "no UPN", "no UPN")]
    batches, _ = gone_through(*sent)
    assert [len([each for each in batch if each[0] != "twice"]) for batch in batches] == [2, 1, 1]


@pytest.mark.parametrize(
    ("days", "left", "same", "other"),
    [
        ([("/", "\\"), ("/", "\\")], [("/", "\\")], 2, []),
        ([("/", None), (None, "\\")], [("/", None), (None, "\\")], 0, []),
        ([("/", None), ("N", "\\")], [("/", None), (None, "\\")], 0, [(ON, "AM")]),
        ([("-", None), ("/", None)], [("-", None)], 0, [(ON, "AM")]),
        ([("/", "/"), ("/", "N"), ("N", "/")], [("/", "/")], 2, [(ON, "PM"), (ON, "AM")]),
    ],
)
def test_of_marks_of_one_half_day_the_first_is_taken(days, left, same, other):
    sent = pupil("twin one", marks=[DayMarks(on=ON, am=am, pm=pm) for am, pm in days])
    once, twice = told_once(sent, {})
    assert [(day.am, day.pm) for day in once] == left
    assert (twice.same, twice.other) == (same, other)


def test_remembers_what_was_told_of_half_days_in_earlier_places():
    marks = [(DayMarks(on=ON, am=am),) for am in ("/", "N", "/")]
    sent = [pupil("twin one", marks=each) for each in marks]
    found = Repeats(iter(sent), lambda: [pupil("twin one", marks=each) for each in marks])
    told = [found.take_marks_once(batch) for batch in found.batches()]
    assert [[(each.same, each.other) for each in some] for some in told] == [
        [],
        [(0, [(ON, "AM")])],
        [(1, [])],
    ]
    assert [each.marks for each in sent] == [marks[0], (), ()]
    assert keys("twin one").external_id == told[1][0].external_id
