"""From when a source is asked: earlier by what the clocks differ, never from beyond its reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from schoolgate.collecting.since import asked_from

READ_AT = datetime(2026, 11, 29, 6, tzinfo=UTC)
SINCE = READ_AT - timedelta(days=1)


@pytest.mark.parametrize("minutes", [-10, 0, 10])
def test_the_overlap_grows_by_what_the_clocks_differ(minutes):
    habits = SimpleNamespace(overlap_seconds=300, reach_back_days=92)
    source = SimpleNamespace(clock_offset=timedelta(minutes=minutes), habits=habits)
    assert asked_from(SINCE, source=source, read_at=READ_AT) == SINCE - timedelta(minutes=5 + abs(minutes))
    long_ago = READ_AT - timedelta(days=200)
    reach = READ_AT + timedelta(minutes=minutes) - timedelta(days=92)
    assert asked_from(long_ago, source=source, read_at=READ_AT) == reach
