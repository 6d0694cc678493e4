"""The log of everything that changed, as the control endpoint tells it.

Within one step (an advance, an edit) changes of the same row are netted: the
log of a step is the difference of the truth before and after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schoolgate_sandbox import terms
from schoolgate_sandbox.people import Pupil, Values

Items = dict[str, list[Any]]
Entry = dict[str, Any]


class ChangeLog:
    """Collects the entries of a step, then keeps them for good."""

    def __init__(self) -> None:
        self.entries: list[tuple[float, Entry]] = []
        self._step: dict[tuple[str, str, str], tuple[float, Entry]] = {}

    def note(
        self, pupil: Pupil, domain: str, kind: str, *, items: Items, at: float, on: str, row: str | None
    ) -> None:
        """Note one change of one row; items give [old, new] of each item that differs."""
        key = (pupil.external_id, domain, row or "")
        entry: Entry = {
            "dfe_number": pupil.school.dfe_number,
            "external_id": pupil.external_id,
            "domain": domain,
            "kind": kind,
            "row": row,
            "on": on,
            "at": terms.iso(at),
            "items": dict(items),
        }
        earlier = self._step.get(key)
        if earlier is None:
            self._step[key] = (at, entry)
        elif self._net(earlier[1], entry):
            self._step[key] = (at, earlier[1])
        else:
            del self._step[key]

    @staticmethod
    def _net(first: Entry, then: Entry) -> bool:
        """Join a later change of a row to an earlier one; tells whether anything is left."""
        items: Items = first["items"]
        for name, (old, new) in then["items"].items():
            before = items[name][0] if name in items else old
            if before == new:
                items.pop(name, None)
            else:
                items[name] = [before, new]
        kinds = (first["kind"], then["kind"])
        if kinds == ("added", "removed"):
            return False
        kind = first["kind"] if then["kind"] == "changed" else then["kind"]
        first.update(kind="changed" if kinds == ("removed", "added") else kind, on=then["on"], at=then["at"])
        return bool(items)

    def forget(self, pupil: Pupil, domains: Iterable[str]) -> None:
        """Drop from the open step what a school no longer tells of a leaver."""
        gone = set(domains)
        for key in [key for key in self._step if key[0] == pupil.external_id and key[1] in gone]:
            del self._step[key]

    def close(self) -> list[Entry]:
        """End the step and give its entries in order."""
        step = list(self._step.values())
        self._step = {}
        self.entries += step
        return [entry for _, entry in step]

    def since(self, instant: float) -> list[Entry]:
        """Give the entries of all closed steps at or after an instant."""
        return [entry for at, entry in self.entries if at >= instant]


def added(values: Values) -> Items:
    """Give the items of a row that came."""
    return {name: [None, value] for name, value in values.items()}


def removed(values: Values) -> Items:
    """Give the items of a row that went."""
    return {name: [value, None] for name, value in values.items()}


def differences(before: Values, after: Values) -> Items:
    """Give the items whose values differ."""
    names = before | after
    return {n: [before.get(n), after.get(n)] for n in names if before.get(n) != after.get(n)}
