"""Finds what waits for a person though its cause has gone, and ends it: nobody is asked what is clear by now.

An absence ends when the pupil is back, has left with a date, or is Current elsewhere. What was held because
of two schools is released by itself once it is clear who the pupil is; what came with a doubted id never is.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection, transaction

from schoolgate.bases.models import OWN_SOURCES
from schoolgate.holding.actions import let_go, may_hold
from schoolgate.holding.causes import SAME_PUPIL
from schoolgate.holding.refusals import HeldRefusedError
from schoolgate.holding.rules import NO_GROUP
from schoolgate.importing.releasing import release
from schoolgate.runs.states import UNFINISHED
from schoolgate_message.roll_states import ATTENDING, MAY_ATTEND, ON_ROLL

_SQL = Path(__file__).parent / "sql"
_ABSENCES = (_SQL / "absences_gone.sql").read_text(encoding="utf-8")
_SETTLED = (_SQL / "settled_by_themselves.sql").read_text(encoding="utf-8")


def close_gone(*, now: datetime) -> int:
    """End or release what needs no decision any more; answers of how many pupils. Two statements if none.

    A base of which something is landing at this moment is left for the next time: nobody waits for it.
    """
    return _end_absences(now=now) + _release_settled(now=now)


@transaction.atomic
def _end_absences(*, now: datetime) -> int:
    gone: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for base_id, source, external_id, why in _found(
        _ABSENCES, attending=list(ATTENDING), on_roll=list(ON_ROLL)
    ):
        gone[base_id, source, why].append(external_id)
    ended = 0
    for (base_id, source, why), external_ids in gone.items():
        if may_hold(base_id):
            pairs = [(each, NO_GROUP) for each in external_ids]
            let_go(pairs, base_id=base_id, source=source, why=why, now=now)
            ended += len(pairs)
    return ended


@transaction.atomic
def _release_settled(*, now: datetime) -> int:
    clear: dict[tuple[int, int, str], list[str]] = defaultdict(list)
    found = _found(_SETTLED, unfinished=list(UNFINISHED), may_attend=list(MAY_ATTEND))
    for base_id, entry_id, external_id, why in found:
        clear[base_id, entry_id, why].append(external_id)
    pupils = 0
    for (base_id, entry_id, why), external_ids in clear.items():
        # Somebody may have decided since it was found; then there is nothing left to do.
        with contextlib.suppress(HeldRefusedError):
            if may_hold(base_id):
                done = release(
                    entry_id, by=None, reason=why, now=now, external_ids=external_ids, decision=SAME_PUPIL
                )
                pupils += done.pupils
    return pupils


def _found(statement: str, **told: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, told | {"own_sources": msgspec.json.encode(OWN_SOURCES).decode()})
        return list(cursor.fetchall())
