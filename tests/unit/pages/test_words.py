"""Days, times and counts as people in England read them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.pages import words

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def test_writes_a_day_in_full():
    assert words.day("2026-11-23") == "23 November 2026"


def test_tells_the_time_it_is_in_england_in_summer():
    assert words.clock_time(NOW + timedelta(minutes=5)) == "1:05pm"


@pytest.mark.parametrize(
    ("at", "said"),
    [(time(0), "midnight"), (time(12), "midday"), (time(0, 5), "12:05am"), (time(14, 5), "2:05pm")],
)
def test_tells_noon_from_midnight(at, said):
    assert words.clock_time(at) == said


def test_puts_a_late_evening_instant_on_englands_day():
    assert words.day(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "2 July 2026"


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=40), "on 22 May 2026"),
    ],
)
def test_says_how_long_ago(back, said):
    assert words.ago(NOW - back, now=NOW) == said


def test_claims_no_more_than_an_estimate_knows():
    assert words.roughly(timedelta(seconds=108)) == "about 2 minutes"
    assert words.roughly(timedelta(seconds=20)) == "less than a minute"


@pytest.mark.parametrize(
    ("names", "said"), [([], ""), (["A"], "A"), (["A", "B"], "A and B"), (["A", "B", "C"], "A, B and C")]
)
def test_lists_names(names, said):
    assert words.listed(names) == said


def test_counts_in_words():
    assert words.counted(0, "base") == "no bases"
    assert words.counted(1, "base") == "1 base"
    assert words.counted(1204, "base") == "1,204 bases"


@given(st.integers(min_value=0, max_value=10**12))
def test_always_says_a_size_with_its_unit(size):
    assert words.size(size).split()[-1] in {"byte", "bytes", "KB", "MB"}
