"""Which row of a list is which: how two states of a group's rows are told as changes of rows.

A message brings the rows of a list without saying which of them was which before.  A row keeps its
identity by its natural key (``DataGroup.identity``): the same kind of telephone, the same enrolment; what
has no partner by that is paired with the row it shares most with.  So a new number is a change, not a row
that went and another that came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from schoolgate_message.blocks import Row
from schoolgate_message.items import DataGroup


class RowChange(msgspec.Struct, frozen=True, kw_only=True):
    """One row that changed: as it was and as it is; ``None`` for one that came, or that went."""

    before: Row | None
    after: Row | None


def row_changes(group: DataGroup, before: Iterable[Row], after: Iterable[Row]) -> list[RowChange]:
    """The rows that differ, each paired with what it was; in the order of the new rows, those that went last.

    Rows that are in both states are left out.  Every other row is in exactly one of the answers.
    """
    gone, come = list(before), list(after)
    for row in list(come):
        if row in gone:
            gone.remove(row)
            come.remove(row)
    partners = _paired(gone, come, lambda old, new: len(group.identity) if _same(group, old, new) else 0)
    partners |= _paired(gone, come, lambda old, new: _likeness(group, old, new), but=partners)
    found = [
        RowChange(before=gone[partners[place]] if place in partners else None, after=row)
        for place, row in enumerate(come)
    ]
    taken = set(partners.values())
    return found + [RowChange(before=row, after=None) for place, row in enumerate(gone) if place not in taken]


def _same(group: DataGroup, old: Row, new: Row) -> bool:
    """Whether two rows have one natural key; a key of which nothing is known is none."""
    key = [old.get(name) for name in group.identity]
    return any(each is not None for each in key) and key == [new.get(name) for name in group.identity]


def _likeness(group: DataGroup, old: Row, new: Row) -> int:
    """How many values two rows share, where that is at least half of what either says; else none."""
    shared = sum(old.get(name) == new.get(name) for name in old.keys() & new.keys())
    return shared if shared * 2 >= max(len(old), len(new)) and shared < len(group.items) else 0


def _paired(
    gone: list[Row],
    come: list[Row],
    weigh: Callable[[Row, Row], int],
    *,
    but: dict[int, int] | None = None,
) -> dict[int, int]:
    """Place among the new rows to place among the old; the best pairs first, each row once."""
    has = but or {}
    weights = [
        (-weight, new, old)
        for new, come_row in enumerate(come)
        if new not in has
        for old, gone_row in enumerate(gone)
        if old not in has.values() and (weight := weigh(gone_row, come_row))
    ]
    found: dict[int, int] = {}
    for _, new, old in sorted(weights):
        if new not in found and old not in found.values():
            found[new] = old
    return found
