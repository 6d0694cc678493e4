"""Which piece of a table an instant belongs to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.lib.clock import LONDON
from schoolgate.lib.partitions import Partitioned

YEARS = Partitioned(table="diary", column="at", months=12, first_month=9)
MONTHS = Partitioned(table="diary", column="at", months=1)
QUARTERS = Partitioned(table="diary", column="at", months=3, first_month=2)
INSTANTS = st.integers(0, 120 * 365 * 24 * 60).map(
    lambda minutes: datetime(1980, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@pytest.mark.parametrize(
    ("parted", "at", "piece"),
    [
        (YEARS, datetime(2026, 11, 26, tzinfo=UTC), "diary_2026_09"),
        (YEARS, datetime(2026, 8, 31, 22, 59, tzinfo=UTC), "diary_2025_09"),
        (YEARS, datetime(2026, 8, 31, 23, tzinfo=UTC), "diary_2026_09"),  # midnight in England's summer
        (MONTHS, datetime(2026, 1, 1, tzinfo=UTC), "diary_2026_01"),
        (MONTHS, datetime(2026, 6, 30, 23, tzinfo=UTC), "diary_2026_07"),
        (QUARTERS, datetime(2026, 1, 5, tzinfo=UTC), "diary_2025_11"),
        (QUARTERS, datetime(2026, 12, 31, tzinfo=UTC), "diary_2026_11"),
    ],
)
def test_names_a_piece_after_the_month_it_begins_in_in_england(parted, at, piece):
    assert parted.span_of(at).piece == piece


@given(at=INSTANTS, parted=st.sampled_from([YEARS, MONTHS, QUARTERS]))
def test_puts_every_instant_into_the_one_span_that_holds_it(at, parted):
    span = parted.span_of(at)
    assert span.starts_at <= at < span.ends_at
    assert span.starts_at.astimezone(LONDON).hour == 0
    assert parted.span_of(span.starts_at) == parted.span_of(span.ends_at - timedelta(seconds=1)) == span
    assert parted.span_named(span.piece) == span


@given(first=INSTANTS, days=st.integers(0, 2000), more=st.integers(0, 4))
def test_leaves_no_gap_between_spans(first, days, more):
    last = first + timedelta(days=days)
    found = list(QUARTERS.spans(first, last, more=more))
    assert all(one.ends_at == other.starts_at for one, other in pairwise(found))
    assert found[0] == QUARTERS.span_of(first)
    assert found[-1 - more] == QUARTERS.span_of(last)


@pytest.mark.parametrize("name", ["diary_default", "diary_2026_10", "diary_2026_09_old", "other_2026_09"])
def test_takes_no_other_table_for_a_piece(name):
    assert YEARS.span_named(name) is None
