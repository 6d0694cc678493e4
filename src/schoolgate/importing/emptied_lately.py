"""What a base's earlier files have taken away of its pupils' records, and what waits to be taken away.

Read from the audit and from what is held, both of which are written with the register itself: a kill between
two files changes nothing in the count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection

from schoolgate.audit.actions import LINK
from schoolgate.holding.causes import TAKEN_FROM_MANY
from schoolgate.holding.queries import waiting_of_cause
from schoolgate.holding.rules import BLOCK
from schoolgate.importing.losses import WHOLE, Key, items_lost, losses_of
from schoolgate.pupils.queries import existing_blocks
from schoolgate_message.blocks import Content
from schoolgate_message.items import DataGroup
from schoolgate_message.roll_states import has_left

_EMPTIED = (Path(__file__).parent / "sql" / "emptied_lately.sql").read_text(encoding="utf-8")

_content_from: Callable[[str | bytes], Content] = msgspec.json.Decoder(Content).decode


def emptied_by_runs(group: DataGroup, *, base_id: int, since: datetime) -> dict[Key, set[int]]:
    """Which pupils lost what of a group by a base's runs since then; what a person released isn't counted.

    One statement, over the base's runs of that time.
    """
    found: dict[Key, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_EMPTIED, {"base_id": base_id, "group": group.name, "since": since})
        for pupil_id, kind, before, after in cursor.fetchall():
            for key in _lost(group, kind, _content(before), _content(after)):
                found[key].add(pupil_id)
    return found


def left_by_runs(*, base_id: int, since: datetime) -> set[int]:
    """Whom a base's rolls have called leavers since then, by its runs. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTIED, {"base_id": base_id, "group": LINK, "since": since})
        return {pupil_id for pupil_id, _, _, after in cursor.fetchall() if _says_left(after)}


def _lost(group: DataGroup, kind: str, before: Content | None, after: Content | None) -> Collection[Key]:
    """What a change of the audit took away: of a list it keeps all rows, of one record what differs."""
    if group.is_list:
        return losses_of(group, before, after)
    lost = items_lost(before, after) | ({WHOLE} if kind == "removed" else set())
    return {(group.name, item) for item in lost}


def emptied_by_what_waits(group: DataGroup, *, base_id: int) -> dict[Key, set[int]]:
    """Which pupils would lose what of a group if what waits since too many lost it were released."""
    waiting = [each for each in waiting_of_cause(base_id, TAKEN_FROM_MANY.code, group.name) if each.pupil_id]
    held = existing_blocks(group, [each.pupil_id for each in waiting if each.pupil_id], base_id)
    found: dict[Key, set[int]] = defaultdict(set)
    for each in waiting:
        pupil_id = each.pupil_id or 0
        sent = _content_from(each.content) if each.kind == BLOCK else None
        for key in losses_of(group, held.get(pupil_id), sent):
            found[key].add(pupil_id)
    return found


def _says_left(after: Any) -> bool:
    state = msgspec.json.decode(after) if isinstance(after, str) else after
    return bool(state) and has_left(state.get("roll_state", ""))


def _content(kept: Any) -> Content | None:
    """What the audit kept, which the database may give as text."""
    found: Content | None = _content_from(kept) if isinstance(kept, str) else kept
    return found
