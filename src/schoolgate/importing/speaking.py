"""Lets a base, or a source of it, speak for pupils of whom it wasn't heard: what it said is read again.

Who isn't heard about a pupil has its blocks remembered as unheard, so that they cost nothing night after
night. When that ends, because the pupil comes on its roll, leaves the other base's, the main registration
moves, or the base's MIS becomes another, those hashes are forgotten and the blocks are outstanding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from schoolgate.blocks.actions import forget_unheard, note_outstanding
from schoolgate.blocks.rules import Outcome, Unheard
from schoolgate.importing.admission import may_send
from schoolgate.matching.queries import external_ids_at
from schoolgate_message.roll_states import LEAVER

SPEAKS_NOW = "rule.speaks_now"


class Again(msgspec.Struct, frozen=True):
    """A block that a source of a base is asked for again, by its own id of the pupil."""

    base_id: int
    source: str
    external_id: str
    group: str

    @property
    def pair(self) -> tuple[str, str]:
        """External id and data group."""
        return self.external_id, self.group


def let_speak(
    pupil_ids: Collection[int], *, base_ids: Collection[int] | None = None, run_id: int | None, now: datetime
) -> list[Again]:
    """Have these bases (``None`` for all) read again what they were not heard about of these pupils.

    ``run_id`` is the run by which that came, ``None`` where a person decided it. Who has left a base says
    nothing more there.
    """
    if not pupil_ids:
        return []
    unheard = forget_unheard(pupil_ids=pupil_ids, base_ids=base_ids, now=now)
    return _ask_again(unheard, run_id=run_id, now=now)


def let_sources_speak(
    base_id: int,
    *,
    source: str | None = None,
    pupil_ids: Collection[int] | None = None,
    run_id: int,
    now: datetime,
) -> list[Again]:
    """Have a source of a base asked again for what another source spoke for until now; ``None`` is all."""
    unheard = forget_unheard(
        pupil_ids=pupil_ids, base_ids={base_id}, source=source, why=Outcome.OTHER_SOURCE, now=now
    )
    return _ask_again(unheard, run_id=run_id, now=now)


def _ask_again(unheard: Sequence[Unheard], *, run_id: int | None, now: datetime) -> list[Again]:
    if not unheard:
        return []
    names = external_ids_at({each.pupil_id for each in unheard})
    again: dict[tuple[int, str], list[tuple[str, str, str]]] = defaultdict(list)
    for each in unheard:
        external_id, state = names.get((each.base_id, each.source, each.pupil_id), ("", LEAVER))
        if external_id and may_send(each.group, state=state):
            again[each.base_id, each.source].append((external_id, each.group, SPEAKS_NOW))
    for (base_id, source), entries in again.items():
        note_outstanding(entries, base_id=base_id, source=source, run_id=run_id, now=now)
    return [
        Again(base_id, source, external_id, group)
        for (base_id, source), entries in again.items()
        for external_id, group, _ in entries
    ]
