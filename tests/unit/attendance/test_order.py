"""What newer readings have spoken of, held against a dict of instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from schoolgate.attendance.order import changed_halves, confirmed_after, is_later, with_confirmed

NOON = datetime(2025, 9, 8, 12, tzinfo=UTC)
READINGS = st.lists(
    st.tuples(
        st.integers(0, 4).map(lambda hours: NOON + timedelta(hours=hours)), st.sets(st.integers(1, 30))
    ),
    max_size=6,
)


@given(READINGS)
def test_keeps_of_each_half_day_the_newest_reading_that_confirmed_it(readings):
    confirmed: dict[str, str] = {}
    newest: dict[int, datetime] = {}
    for at, halves in readings:
        confirmed = with_confirmed(confirmed, sorted(halves), at)
        newest |= {half: max(at, newest.get(half, at)) for half in halves}
    assert confirmed_after(confirmed, None) == newest.keys()
    for at, _ in readings:
        assert confirmed_after(confirmed, at) == {
            half for half, newest_at in newest.items() if newest_at > at
        }
    assert len(confirmed) == len(set(newest.values()))


def test_writes_half_days_in_a_row_as_one_range():
    summer = NOON.astimezone(timezone(timedelta(hours=1)))
    assert with_confirmed({}, [7, 8, 9, 12], summer) == {"2025-09-08T12:00:00+00:00": "7-9,12"}


def test_reads_the_half_days_a_patch_touched():
    patches = [{"0001-01-02": ["-", "/", None, None]}, {"0001-01-03": [None, None, "I", "-"]}]
    assert changed_halves(patches) == {4, 7}


def test_takes_a_reading_nobody_knows_the_time_of_for_the_earliest():
    later = NOON + timedelta(seconds=1)
    assert [is_later(later, NOON), is_later(NOON, NOON), is_later(NOON, later)] == [True, False, False]
    assert [is_later(NOON, None), is_later(None, NOON), is_later(None, None)] == [True, False, False]
