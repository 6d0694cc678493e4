"""Which half days newer content has spoken of, so that older content which comes late leaves them alone.

A half day is known by one number, twice the day's and one more for the afternoon. What newer content
changed stands in its patches; what it found as it was stands in the row (``confirmed``): by the instant of
the reading, the half days in ranges, ``1478500-1478509,1478514``. Without the latter a mark that was
entered and taken back would come again with the message in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

Confirmed = Mapping[str, str]
"""By instant, half days in ranges."""
_instant = lru_cache(maxsize=64)(datetime.fromisoformat)


def is_later(one: datetime | None, other: datetime | None) -> bool:
    """Whether one reading was after another; one of which nobody knows when is before all others."""
    return one is not None and (other is None or one > other)


def changed_halves(patches: Iterable[Mapping[str, Sequence[str | None]]]) -> set[int]:
    """The half days that patches touched."""
    return {
        date.fromisoformat(on).toordinal() * 2 + half
        for patch in patches
        for on, (_, new_am, _, new_pm) in patch.items()
        for half, new in enumerate((new_am, new_pm))
        if new is not None
    }


def confirmed_after(confirmed: Confirmed, read_at: datetime | None) -> set[int]:
    """The half days that were found as they are by readings after this one."""
    return {
        half
        for at, ranges in confirmed.items()
        if is_later(_instant(at), read_at)
        for half in _halves(ranges)
    }


def with_confirmed(confirmed: Confirmed, halves: Iterable[int], read_at: datetime) -> dict[str, str]:
    """What is confirmed, with these half days by this reading; of each the newest reading is kept."""
    newest = {half: _instant(at) for at, ranges in confirmed.items() for half in _halves(ranges)}
    for half in halves:
        newest[half] = max(read_at, newest.get(half, read_at))
    by_instant: dict[datetime, list[int]] = {}
    for half in sorted(newest):
        by_instant.setdefault(newest[half], []).append(half)
    return {at.astimezone(UTC).isoformat(): _ranges(tuple(those)) for at, those in by_instant.items()}


def _halves(ranges: str) -> Iterable[int]:
    for each in ranges.split(","):
        first, _, last = each.partition("-")
        yield from range(int(first), int(last or first) + 1)


@lru_cache(maxsize=256)
def _ranges(halves: tuple[int, ...]) -> str:
    """Ascending numbers as ranges; most pupils of a school have the same."""
    ranges: list[list[int]] = []
    for half in halves:
        if ranges and half == ranges[-1][1] + 1:
            ranges[-1][1] = half
        else:
            ranges.append([half, half])
    return ",".join([f"{first}-{last}" if last > first else str(first) for first, last in ranges])
