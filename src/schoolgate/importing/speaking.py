"""Lets a base speak for pupils of whom it wasn't heard before: what it said meanwhile is read again.

A base that isn't heard about a pupil has its blocks remembered as unheard, so that they cost nothing night
after night. When that ends, because the pupil comes on its roll, leaves the other base's, or the main
registration moves, those hashes are forgotten and the blocks are outstanding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from schoolgate.blocks.actions import forget_unheard, note_outstanding
from schoolgate.importing.admission import may_send
from schoolgate.matching.queries import external_ids_at
from schoolgate_message.roll_states import LEAVER

SPEAKS_NOW = "rule.speaks_now"


def let_speak(
    pupil_ids: Collection[int], *, base_ids: Collection[int] | None = None, run_id: int | None, now: datetime
) -> list[tuple[int, str, str]]:
    """Have these bases (``None`` for all) read again what they were not heard about of these pupils.

    ``run_id`` is the run by which that came, ``None`` where a person decided it. Answers the blocks: base,
    external id, data group. Who has left a base says nothing more there.
    """
    silent = forget_unheard(pupil_ids=pupil_ids, base_ids=base_ids, now=now) if pupil_ids else []
    if not silent:
        return []
    names = external_ids_at({pupil_id for _, pupil_id, _ in silent})
    again: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
    for base_id, pupil_id, group in silent:
        external_id, state = names.get((base_id, pupil_id), ("", LEAVER))
        if external_id and may_send(group, state=state):
            again[base_id].append((external_id, group, SPEAKS_NOW))
    for base_id, entries in again.items():
        note_outstanding(entries, base_id=base_id, run_id=run_id, now=now)
    return [(base_id, external_id, group) for base_id, of in again.items() for external_id, group, _ in of]
