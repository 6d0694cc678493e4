"""Clear cache: forgets, for an officer or for age, what is known to have landed; says first what it costs.

Nothing is lost by it and nothing is written twice: the next run compares the blocks with the register
itself, and finds most of them equal. What it costs is that work, and the reading of whole pages.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from schoolgate.audit.actions import record_event
from schoolgate_message import groups as declared

_SQL = Path(__file__).parent / "sql"
_COST = (_SQL / "cost_of_clearing.sql").read_text(encoding="utf-8")
_CLEAR = (_SQL / "clear_hashes.sql").read_text(encoding="utf-8")
_PAGES = (_SQL / "clear_pages.sql").read_text(encoding="utf-8")
CALLS_PER_SECOND = 5.0
HOUR, MINUTE = 3600, 60
PATIENCE = "2s"
"""How long clearing waits for a landing at one base; it holds its blocks until it is over."""


class CacheCost(msgspec.Struct, frozen=True, kw_only=True):
    """What clearing touches: bases, pupils, blocks to be compared again, pages, and calls to read them.

    ``busy`` are bases that were left as they are, for a run was landing there.
    """

    bases: int = 0
    pupils: int = 0
    blocks: int = 0
    estimated_calls: int = 0
    busy: tuple[int, ...] = ()

    def seconds(self, calls_per_second: float = CALLS_PER_SECOND) -> float:
        """How long those calls take, with nobody else calling."""
        return self.estimated_calls / calls_per_second

    @property
    def sentence(self) -> str:
        """The cost in words, for the confirmation."""
        if not self.blocks:
            return "Nothing is cached that this would clear."
        bases = "1 base" if self.bases == 1 else f"{self.bases:,} bases"
        return (
            f"{self.blocks:,} blocks of {self.pupils:,} pupils at {bases} will be compared with the register "
            f"again. A snapshot of all of them takes about {self.estimated_calls:,} calls, "
            f"{_duration(self.seconds())} at {CALLS_PER_SECOND:g} calls a second."
        )


def _duration(seconds: float) -> str:
    if seconds < MINUTE:
        return "less than a minute"
    if seconds < HOUR:
        return f"about {round(seconds / MINUTE)} minutes"
    return f"about {seconds / HOUR:.1f} hours"


def preview_clear(
    *,
    base_ids: Collection[int] | None,
    groups: Collection[str] | None,
    before: datetime | None = None,
) -> CacheCost:
    """What clearing would cost. ``None`` for bases is all schools, for groups All Base Data.

    ``before`` narrows it to pupils of whom nothing was remembered since that instant.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COST, _parameters(base_ids, groups, before))
        row = cursor.fetchone()
    bases, pupils, blocks, calls = row or (0, 0, 0, 0)
    return CacheCost(bases=bases, pupils=pupils, blocks=int(blocks or 0), estimated_calls=calls)


def clear_cache(
    *,
    base_ids: Collection[int] | None,
    groups: Collection[str] | None,
    before: datetime | None = None,
    by: int | None,
    now: datetime,
) -> CacheCost:
    """Clears the cache, base by base, so that landings elsewhere go on; answers what it came to.

    A base at which a run is just landing is waited for a moment and then left out: it is ``busy``. The
    outstanding list stays: what has not landed is read again by id in any case. Refuses a data group
    that does not exist (KeyError).
    """
    cost = preview_clear(base_ids=base_ids, groups=groups, before=before)
    busy = tuple(
        base_id
        for base_id in _bases(base_ids, before)
        if not _clear_base(_parameters([base_id], groups, before) | {"now": now})
    )
    if busy:
        left = preview_clear(base_ids=busy, groups=groups, before=before)
        cost = CacheCost(
            bases=cost.bases - left.bases,
            pupils=cost.pupils - left.pupils,
            blocks=cost.blocks - left.blocks,
            estimated_calls=cost.estimated_calls - left.estimated_calls,
            busy=busy,
        )
    details = {
        "bases": "all" if base_ids is None else sorted(base_ids),
        "groups": "all" if groups is None else sorted(groups),
        "before": before.isoformat() if before else "",
        "blocks": cost.blocks,
        "busy": list(busy),
    }
    record_event("blocks.cache.cleared", now=now, user_id=by, details=details)
    return cost


def _clear_base(parameters: dict[str, Any]) -> bool:
    """Clears one base; answers whether that could be done, or whether a landing holds it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            cursor.execute(_CLEAR, parameters)
            if cursor.rowcount or parameters["before"] is None:
                # Proposed before landed, as everybody else who forgets takes them.
                for table in ("page_proposed", "page_hash"):
                    cursor.execute(_PAGES.replace("page_table", table), parameters)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise
    return True


def _bases(base_ids: Collection[int] | None, before: datetime | None) -> list[int]:
    if base_ids is not None:
        return sorted(set(base_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT base_id FROM block_hash WHERE %(before)s::timestamptz IS NULL OR changed_at < %(before)s"
            " UNION SELECT base_id FROM page_hash WHERE %(before)s::timestamptz IS NULL ORDER BY 1",
            {"before": before},
        )
        return [base_id for (base_id,) in cursor.fetchall()]


def _parameters(
    base_ids: Collection[int] | None, groups: Collection[str] | None, before: datetime | None
) -> dict[str, Any]:
    chosen = None if groups is None else sorted(groups)
    return {
        "base_ids": None if base_ids is None else sorted(set(base_ids)),
        "numbers": None if chosen is None else [declared.BY_NAME[name].number for name in chosen],
        "groups": chosen,
        "before": before,
    }
