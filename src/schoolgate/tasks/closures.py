"""The blackout dates of many bases at once: which days are closed to whom, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import Q

from schoolgate.tasks.models import Blackout
from schoolgate.tasks.schedules import Closed

Span = tuple[date, date, str]


class Closures:
    """Closed days by base: the whole authority's and each base's own."""

    def __init__(self, everywhere: list[Span], by_base: dict[int, list[Span]]) -> None:
        """Spans are half-open, with the name officers gave them."""
        self._everywhere = everywhere
        self._by_base = by_base
        self._closed: dict[int, Closed] = {}

    def __bool__(self) -> bool:
        return bool(self._everywhere or self._by_base)

    def of(self, base_id: int) -> Closed:
        """The days on which nothing is due at a base, as half-open spans."""
        if base_id not in self._by_base:
            base_id = 0
        found = self._closed.get(base_id)
        if found is None:
            spans = self._everywhere + self._by_base.get(base_id, [])
            found = self._closed[base_id] = tuple((from_on, until_on) for from_on, until_on, _ in spans)
        return found

    def name_on(self, base_id: int, day: date) -> str:
        """What a day is closed for at a base; empty when it is not."""
        for from_on, until_on, name in self._by_base.get(base_id, []) + self._everywhere:
            if from_on <= day < until_on:
                return name
        return ""


def closures(
    base_ids: Collection[int] | None = None, *, from_on: date, until_on: date | None = None
) -> Closures:
    """The blackout dates that bear on these bases (all, where none are named) from a day on. One query."""
    found = Blackout.objects.filter(until_on__gt=from_on)
    if until_on is not None:
        found = found.filter(from_on__lt=until_on)
    if base_ids is not None:
        found = found.filter(Q(base_id__in=base_ids) | Q(base__isnull=True))
    everywhere: list[Span] = []
    by_base: dict[int, list[Span]] = defaultdict(list)
    for each in found:
        spans = everywhere if each.base_id is None else by_base[each.base_id]
        spans.append((each.from_on, each.until_on, each.name))
    return Closures(everywhere, dict(by_base))
