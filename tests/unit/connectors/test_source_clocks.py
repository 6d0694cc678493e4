"""How far a source's clock is from ours, by what its answers say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from schoolgate.connectors.source_clocks import clock_offset

ASKED = datetime(2026, 11, 23, 8, 30, 0, 400_000, tzinfo=UTC)
ANSWERED = ASKED + timedelta(seconds=3)


def offset(said: str) -> timedelta | None:
    return clock_offset(said, asked_at=ASKED, answered_at=ANSWERED)


@pytest.mark.parametrize("late", [-2, 0, 1, 3, 4])
def test_takes_what_the_way_and_whole_seconds_explain_for_no_difference(late: int) -> None:
    said = format_datetime((ASKED + timedelta(seconds=late)).replace(microsecond=0), usegmt=True)
    assert offset(said) == timedelta()


@pytest.mark.parametrize(
    ("difference", "least", "most"), [(3600, 3590, 3600), (-3600, -3601, -3590), (6, 2, 6), (-4, -5, -2)]
)
def test_tells_a_clock_that_goes_ahead_or_behind(difference: int, least: int, most: int) -> None:
    said = format_datetime((ASKED + timedelta(seconds=difference)).replace(microsecond=0), usegmt=True)
    found = offset(said)
    assert found is not None
    assert timedelta(seconds=least) <= found <= timedelta(seconds=most)


@pytest.mark.parametrize(
    "said",
    ["", "soon", "2026-11-23T08:30:00Z", "Mon, 23 Nov", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 99 Nov 99999"],
)
def test_says_nothing_of_a_date_that_can_not_be_read_or_believed(said: str) -> None:
    assert offset(said) is None
