"""Which half days newer content has spoken of, so that older content which comes late leaves them alone.

A half day is known by one number, twice the day's and one more for the afternoon. What newer content
changed stands in its patches; what it found as it was stands in the row (``confirmed``): by the instant of
the reading and the source, the half days in ranges, ``1478500-1478509,1478514``. Without the latter a mark
that was entered and taken back would come again with the message in between. Each source's readings count
against its own alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

Confirmed = Mapping[str, str]
"""By instant, with the source behind it, half days in ranges."""
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


def confirmed_after(confirmed: Confirmed, read_at: datetime | None, *, source: str = "") -> set[int]:
    """The half days that were found as they are by readings of a source after this one."""
    return {
        half
        for key, ranges in confirmed.items()
        for at, _, of in (key.partition(" "),)
        if of in {source, ""} and is_later(_instant(at), read_at)
        for half in halves_in(ranges)
    }


def with_confirmed(
    confirmed: Confirmed, halves: Iterable[int], read_at: datetime, *, source: str = ""
) -> dict[str, str]:
    """What is confirmed, with these half days by this reading; of each a source's newest reading is kept."""
    own = {key: ranges for key, ranges in confirmed.items() if key.partition(" ")[2] == source}
    newest = {half: _instant(key.split(" ")[0]) for key, ranges in own.items() for half in halves_in(ranges)}
    for half in halves:
        newest[half] = max(read_at, newest.get(half, read_at))
    by_instant: dict[datetime, list[int]] = {}
    for half in sorted(newest):
        by_instant.setdefault(newest[half], []).append(half)
    others = {key: ranges for key, ranges in confirmed.items() if key not in own}
    return others | {
        f"{at.astimezone(UTC).isoformat()} {source}".rstrip(): in_ranges(tuple(those))
        for at, those in by_instant.items()
    }


def confirmed_by(confirmed: Confirmed, sources: Collection[str]) -> set[int]:
    """The half days that readings of these sources found as they are."""
    return {
        half
        for key, ranges in confirmed.items()
        if key.partition(" ")[2] in sources
        for half in halves_in(ranges)
    }


def halves_in(ranges: str) -> Iterable[int]:
    """The half days of ranges."""
    for each in ranges.split(","):
        first, _, last = each.partition("-")
        yield from range(int(first), int(last or first) + 1)


@lru_cache(maxsize=256)
def in_ranges(halves: tuple[int, ...]) -> str:
    """Ascending numbers as ranges; most pupils of a school have the same."""
    ranges: list[list[int]] = []
    for half in halves:
        if ranges and half == ranges[-1][1] + 1:
            ranges[-1][1] = half
        else:
            ranges.append([half, half])
    return ",".join([f"{first}-{last}" if last > first else str(first) for first, last in ranges])
