"""The clock."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from schoolgate.lib import clock


def test_tells_an_aware_instant_in_utc():
    assert clock.now().tzinfo is UTC


def test_knows_that_a_summer_day_begins_in_england_before_utc():
    assert clock.london_day(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == date(2026, 7, 2)
    assert clock.london_day(datetime(2026, 12, 1, 23, 30, tzinfo=UTC)) == date(2026, 12, 1)


def test_refuses_a_naive_instant():
    with pytest.raises(ValueError, match="naive"):
        clock.london_day(datetime(2026, 7, 1, 23, 30))  # noqa: DTZ001
