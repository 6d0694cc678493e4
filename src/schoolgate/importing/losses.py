"""What a write takes away of a pupil's record: which items of a data group it empties, or the whole group.

Plain functions on plain values. A list's item is held while any of its rows has it; of a yes/no item that is
yes, "no" takes it away. What changes, or ends with a date, is no loss; leaving is counted apart (``LEFT``).
Year and class come and go with the academic year and are never counted; nor is the reason for a missing UPN
once the UPN has come.
"""

from __future__ import annotations

from schoolgate_message.blocks import Content, Row
from schoolgate_message.groups import ENROLMENTS
from schoolgate_message.items import DataGroup

WHOLE = ""
"""Stands for the whole group among its items."""

LEFT = "left"
"""Stands among the items of the enrolments for the last open one that has got a leaving date."""

SMALLEST_SHARE = 5
"""Fewer children than this are no large share of a roll, however small it is."""
FEWEST_HOLDERS = 3
"""Fewer than this are not half of those who hold something, however few they are."""

Key = tuple[str, str]
"""A data group and one of its items, or ``WHOLE``, or ``LEFT``."""

_NEVER_COUNTED = frozenset({(ENROLMENTS.name, "nc_year"), (ENROLMENTS.name, "registration_group")})
_ANSWERED_BY = {"upn_unknown_reason": "upn"}
"""Items that go because another has come."""


def losses_of(group: DataGroup, before: Content | None, after: Content | None) -> frozenset[Key]:
    """What a group's new content lacks of what was held; nothing where something merely differs."""
    if not before:
        return frozenset()
    lost = items_lost(before, after)
    if not after:
        lost |= {WHOLE}
    elif group is ENROLMENTS and _is_open(before) and not _is_open(after):
        lost |= {LEFT}
    return frozenset((group.name, item) for item in lost) - _NEVER_COUNTED


def items_lost(before: Content | None, after: Content | None) -> set[str]:
    """The items held before that the new content, or the part of it that changed, lacks."""
    held, left = _held_in(before), _held_in(after)
    return {item for item in held - left if _ANSWERED_BY.get(item) not in left}


def is_a_large_share(count: int, *, roll: int, percent: int) -> bool:
    """Whether so many children are more than a set share of a roll."""
    return count >= SMALLEST_SHARE and count * 100 > roll * percent


def are_most_of(count: int, *, roll: int) -> bool:
    """Whether so many are more than two thirds of a roll, and no handful."""
    return count >= SMALLEST_SHARE and count * 3 > roll * 2


def is_half_of(count: int, holders: int) -> bool:
    """Whether so many are at least half of those who hold something."""
    return count >= FEWEST_HOLDERS and count * 2 >= holders


def _is_open(enrolments: Content) -> bool:
    rows = enrolments if isinstance(enrolments, list) else [enrolments]
    return any(not row.get("leaving_on") for row in rows)


def _held_in(content: Content | None) -> set[str]:
    rows: list[Row] = content if isinstance(content, list) else [content] if content else []
    return {item for row in rows for item, value in row.items() if value is not False}
