"""When the content of a message was read at its source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.message.messages import HEADER, HEADERS

from schoolgate_message.read_times import read_time

RECEIVED = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
"""An hour and a half after the clocks of London went forward."""
SECOND = timedelta(seconds=1)


def at(said: str, *, created: str = "2026-03-28T00:00:00Z", **more: object) -> datetime:
    """The read time of a message that says so."""
    header = msgspec.structs.replace(HEADER, created_at=created, read_from=said)
    return read_time(header, received_at=RECEIVED, **more)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2026-03-29T02:29:59Z", RECEIVED - SECOND),
        ("2026-03-29T02:30:00Z", RECEIVED),
        ("2026-03-29T02:30:01Z", RECEIVED),
        ("2126-03-29T02:30:01Z", RECEIVED),
        ("2026-03-29T03:29:59+01:00", RECEIVED - SECOND),
        ("2026-03-29T00:59:59+00:00", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC)),
        ("2026-03-29T02:00:00+01:00", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("2026-03-29T16:29:59.5+14:00", datetime(2026, 3, 29, 2, 29, 59, 500_000, tzinfo=UTC)),
        ("2026-03-28T14:29:59.123456789-12:00", datetime(2026, 3, 29, 2, 29, 59, 123_456, tzinfo=UTC)),
        ("", datetime(2026, 3, 28, tzinfo=UTC)),
    ],
)
def test_believes_an_instant_of_any_zone_that_does_not_lie_in_the_future(said, read):
    assert at(said) == read


def test_counts_a_message_of_version_1_from_its_making_unless_that_lies_in_the_future():
    assert at("", created="2026-03-29T02:29:59Z") == RECEIVED - SECOND
    assert at("", created="2026-03-29T02:30:01Z") == RECEIVED


@pytest.mark.parametrize(
    "said", ["-0001-01-01T00:00:00Z", "12026-01-01T00:00:00Z", "2026-03-28T24:00:00Z", "2026-03-28T00:00:00"]
)
def test_counts_from_receipt_what_no_calendar_has(said):
    assert at("", created=said) == RECEIVED


def test_counts_from_receipt_what_lies_before_all_calendars_in_our_zone():
    assert at("0001-01-01T00:00:00+14:00") == RECEIVED
    assert at("0001-01-01T00:00:00Z", clock_offset=SECOND) == RECEIVED


def test_takes_off_what_the_maker_s_clock_goes_ahead_and_adds_what_it_goes_behind():
    ten = timedelta(minutes=10)
    assert at("2026-03-29T02:35:00Z", clock_offset=ten) == RECEIVED - ten / 2
    assert at("2026-03-29T02:00:00Z", clock_offset=-ten) == datetime(2026, 3, 29, 2, 10, tzinfo=UTC)
    assert at("2026-03-29T02:25:00Z", clock_offset=-ten) == RECEIVED


def test_keeps_apart_the_hour_that_comes_twice_when_the_clocks_go_back():
    received = datetime(2026, 10, 25, 6, tzinfo=UTC)
    london = ZoneInfo("Europe/London")
    twice = [datetime(2026, 10, 25, 1, 30, tzinfo=london, fold=fold).isoformat() for fold in (0, 1)]
    first, second = (
        read_time(msgspec.structs.replace(HEADER, read_from=said), received_at=received) for said in twice
    )
    assert second - first == timedelta(hours=1)


def test_refuses_a_receipt_without_a_zone():
    with pytest.raises(ValueError, match="naive"):
        read_time(HEADER, received_at=datetime(2026, 3, 29))  # noqa: DTZ001 - that is the point


@given(
    HEADERS,
    st.datetimes(datetime(1970, 1, 1), timezones=st.timezones()),  # noqa: DTZ001 - it gets its zone
    st.timedeltas(timedelta(-9), timedelta(9)),
)
def test_is_never_later_than_receipt_and_always_in_utc(header, received_at, clock_offset):
    received_at = received_at.replace(year=min(received_at.year, 9998))
    read = read_time(header, received_at=received_at, clock_offset=clock_offset)
    assert read <= received_at
    assert read.tzinfo is UTC
