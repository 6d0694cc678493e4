"""What was decided about each block of a batch, as plain values; ``writing`` carries it out, and no more."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from schoolgate.importing.arrivals import Arrival
from schoolgate.importing.rules import Fate
from schoolgate.runs.rules import Problem
from schoolgate_message.blocks import Content
from schoolgate_message.items import DataGroup


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What becomes of one block, or of one explicit delete, of one pupil.

    ``rule`` is the processing rule or the code that decided. ``kind`` is how the register changes: added,
    changed, removed, or empty where it stays; then ``content`` is what it holds of the group afterwards
    (``None`` of a removed one) and ``before`` and ``after`` are the canonical bytes the audit keeps.
    ``digest`` is the arriving content's, where it is to be remembered; what ``speaks`` for the pupil is
    remembered with the time it was read. A block that ``waits`` is kept for a person under that code, with
    the canonical bytes that were ``sent``.
    ``items`` tells the items apart where the block's own fate isn't enough, ``rules`` what decided of each
    where that was not ``rule`` for all.
    """

    arrival: Arrival
    group: DataGroup
    fate: Fate
    rule: str = ""
    kind: str = ""
    content: Content | None = None
    before: bytes | None = None
    after: bytes | None = None
    digest: bytes | None = None
    speaks: bool = False
    is_settled: bool = True
    waits: str = ""
    sent: bytes | None = None
    items: Mapping[str, Fate] = {}
    rules: Mapping[str, str] = {}
    problems: tuple[Problem, ...] = ()

    @property
    def pair(self) -> tuple[str, str]:
        """The base's id for the pupil, and the data group."""
        return self.arrival.external_id, self.group.name

    @property
    def was_removed(self) -> bool:
        """Whether the source's explicit delete was carried out, or found nothing to take away."""
        return self.speaks and self.digest is None
