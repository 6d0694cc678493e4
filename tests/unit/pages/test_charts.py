"""Bars are to scale, show every part, and add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolgate.pages.charts import BAR_WIDTH, SLIVER, Part, gauge, segments


def _parts(values):
    return [Part(name=str(n), label=str(n), value=value, tone="written") for n, value in enumerate(values)]


@given(st.lists(st.integers(min_value=0, max_value=10**6), max_size=7))
def test_fills_the_bar_and_shows_whatever_is_not_nothing(values):
    found = segments(_parts(values))
    assert len(found) == sum(value > 0 for value in values)
    if found:
        assert sum(each.width for each in found) == pytest.approx(BAR_WIDTH, abs=0.1)
        assert all(each.width >= SLIVER - 0.01 for each in found)


def test_draws_parts_to_scale():
    assert [each.width for each in segments(_parts([300, 100]))] == [750, 250]


def test_never_fills_a_gauge_beyond_its_end():
    assert gauge(9, limit=5) == BAR_WIDTH
    assert gauge(-1, limit=5) == 0
    assert gauge(1, limit=0) == 0
