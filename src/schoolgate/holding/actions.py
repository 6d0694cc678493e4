"""Puts aside what waits for a person, lets it go when its cause goes, and keeps what a person decided.

Everything runs in the caller's transaction. Whoever changes what waits at a base holds the base's open
entries first, so that an officer never decides what a landing is just replacing, or the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from schoolgate.audit.actions import record_event
from schoolgate.holding.causes import CAUSES
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.queries import fingerprint_of, waiting_items
from schoolgate.holding.refusals import has_changed, no_reason, nothing_waits
from schoolgate.holding.rules import MARKS, Pair, Waiting, newest_of_each, with_marks_of
from schoolgate.holding.states import EntryState, ItemState
from schoolgate.lib.convert import converter
from schoolgate_message.records import MatchKeys

_SQL = Path(__file__).parent / "sql"
_MAY_HOLD = (_SQL / "may_hold.sql").read_text(encoding="utf-8")
_LOCK = (_SQL / "lock_entries.sql").read_text(encoding="utf-8")
_OPEN = (_SQL / "open_entries.sql").read_text(encoding="utf-8")
_END_REFUSED = (_SQL / "end_refused.sql").read_text(encoding="utf-8")
_PUT_ASIDE = (_SQL / "put_aside.sql").read_text(encoding="utf-8")
_LET_GO = (_SQL / "let_go.sql").read_text(encoding="utf-8")
_CLOSE_EMPTY = (_SQL / "close_empty.sql").read_text(encoding="utf-8")

LONGEST_REASON = 500
_keys_from = converter(MatchKeys)


@transaction.atomic
def put_aside(waiting: Iterable[Waiting], *, base_id: int, run_id: int | None, now: datetime) -> None:
    """Keep what waits for a person, in the open entry of its cause at this base, or a new one.

    It takes the place of what waited for the same pupil and group, whatever the cause, unless that was
    read later; marks are put over the marks that wait. What was refused with the same content stays
    refused, with another it waits anew.
    """
    sent = newest_of_each(waiting)
    if not sent:
        return
    if unknown := {each.code for each in sent} - CAUSES.keys():
        raise ValueError(f"no cause of Held: {', '.join(sorted(unknown))}")
    locked = _hold_entries(base_id)
    sent = _with_marks_that_wait(sent, base_id=base_id)
    told = {"base_id": base_id, "run_id": run_id, "now": now, "waiting": _as_json(sent)}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {**told, "codes": sorted({each.code for each in sent})})
        entries: dict[str, int] = dict(cursor.fetchall())
        cursor.execute(_END_REFUSED, told)
        cursor.execute(_PUT_ASIDE, {**told, "entries": msgspec.json.encode(entries).decode()})
    _close_empty({*locked, *entries.values()}, now=now)


@transaction.atomic
def let_go(
    pairs: Collection[Pair],
    *,
    base_id: int,
    source: str,
    why: str,
    now: datetime,
    read_at: datetime | None = None,
) -> None:
    """End what waits, or was refused, for these external ids and data groups: newer content has landed, or
    the cause is gone. ``why`` is the reason an officer reads: a sentence. What the run that is landing was
    to release counts as released. What was read after ``read_at``, if that is told, goes on waiting. An
    entry without anything waiting closes by itself.
    """
    if not pairs:
        return
    locked = _hold_entries(base_id)
    with connection.cursor() as cursor:
        cursor.execute(
            _LET_GO,
            {
                "base_id": base_id,
                "source": source,
                "external_ids": [external_id for external_id, _ in pairs],
                "groups": [group for _, group in pairs],
                "why": why,
                "now": now,
                "read_at": read_at,
            },
        )
        has_gone = bool(cursor.rowcount)
    if has_gone:
        _close_empty(locked, now=now)


@transaction.atomic
def end_released(*, run_id: int, base_id: int, now: datetime) -> None:
    """Note that a run has landed what was released to it, in the transaction that lands.

    What the landing put aside once more, for another cause, goes on waiting.
    """
    locked = _hold_entries(base_id)
    items = HeldItem.objects.filter(release_run_id=run_id, state=ItemState.WAITING.value)
    if items.update(state=ItemState.RELEASED.value, content="", keys={}):
        _close_empty(locked, now=now)


def may_hold(base_id: int) -> bool:
    """Hold a base's open entries until the transaction ends, unless somebody else is changing them now."""
    with connection.cursor() as cursor:
        cursor.execute(_MAY_HOLD, {"base_id": base_id})
        (is_held,) = cursor.fetchone()
    return bool(is_held)


def choose(
    entry_id: int, external_ids: Collection[str] | None = None, *, seen: str = ""
) -> tuple[HeldEntry, list[HeldItem]]:
    """An open entry, held until the transaction ends, and what of it waits for a person: of these pupils,
    or all. Refuses where nothing does, and where it isn't what the person looked at: ``seen`` is the
    fingerprint of that, if it was looked at.
    """
    entry = HeldEntry.objects.select_for_update(no_key=True).filter(pk=entry_id).first()
    if entry is None or entry.state != EntryState.OPEN.value:
        raise nothing_waits()
    found = waiting_items(entry.pk, external_ids)
    if not found:
        raise nothing_waits()
    if seen and seen != fingerprint_of(found):
        raise has_changed()
    return entry, found


@transaction.atomic
def refuse(
    entry_id: int,
    *,
    by: int | None,
    reason: str,
    now: datetime,
    external_ids: Collection[str] | None = None,
    seen: str = "",
) -> int:
    """Refuse what waits in an entry, whole or of some pupils; answers of how many pupils.

    The content is thrown away, its digest kept: the same content isn't asked about again.
    """
    reason = checked_reason(reason)
    entry, items = choose(entry_id, external_ids, seen=seen)
    _decide(items, ItemState.REFUSED, decision="", by=by, reason=reason, now=now)
    return _tell("holding.entry.refused", entry, items, by=by, now=now)


@transaction.atomic
def settle(
    entry: HeldEntry, items: Sequence[HeldItem], *, decision: str, by: int | None, reason: str, now: datetime
) -> int:
    """Note as released what no run has to land; answers of how many pupils."""
    _decide(items, ItemState.RELEASED, decision=decision, by=by, reason=reason, now=now)
    return _tell("holding.entry.released", entry, items, by=by, now=now)


@transaction.atomic
def send_off(
    entry: HeldEntry,
    items: Sequence[HeldItem],
    *,
    run_id: int,
    decision: str,
    by: int | None,
    reason: str,
    now: datetime,
) -> int:
    """Note which run is to land what was released; answers of how many pupils.

    It goes on waiting, with its content, until that run has landed it; should the run fail, it waits for a
    person again.
    """
    HeldItem.objects.filter(pk__in=[each.pk for each in items]).update(
        release_run_id=run_id, decision=decision, decided_by=by, decided_at=now, reason=reason
    )
    return _tell("holding.entry.released", entry, items, by=by, now=now, run_id=run_id)


@transaction.atomic
def forget_decided(*, closed_before: datetime, most: int) -> int:
    """Delete what was decided long ago, the oldest entries first; answers how many entries went.

    An entry stays as long as one of its refusals stands.
    """
    refused = HeldItem.objects.filter(entry_id=OuterRef("pk"), state=ItemState.REFUSED.value)
    old = HeldEntry.objects.filter(~Exists(refused), closed_at__lt=closed_before).order_by("closed_at", "pk")
    ids = list(old.values_list("pk", flat=True)[:most])
    HeldItem.objects.filter(entry_id__in=ids).delete()
    HeldEntry.objects.filter(pk__in=ids).delete()
    return len(ids)


def checked_reason(reason: str) -> str:
    """The reason of a decision, tidied. Refuses an empty one."""
    found = " ".join(reason.split())[:LONGEST_REASON]
    if not found:
        raise no_reason()
    return found


def _decide(
    items: Sequence[HeldItem],
    state: ItemState,
    *,
    decision: str,
    by: int | None,
    reason: str,
    now: datetime,
) -> None:
    HeldItem.objects.filter(pk__in=[each.pk for each in items]).update(
        state=state.value,
        content="",
        keys={},
        decision=decision,
        decided_by=by,
        decided_at=now,
        reason=reason,
        release_run_id=None,
    )
    _close_empty({each.entry_id for each in items}, now=now)


def _tell(
    event: str,
    entry: HeldEntry,
    items: Sequence[HeldItem],
    *,
    by: int | None,
    now: datetime,
    run_id: int | None = None,
) -> int:
    pupils = len({each.external_id for each in items})
    details = {"code": entry.code, "pupils": pupils, "items": len(items), "run_id": run_id}
    record_event(event, now=now, user_id=by, base_id=entry.base_id, subject_id=entry.pk, details=details)
    return pupils


def _hold_entries(base_id: int) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"base_id": base_id})
        return {row[0] for row in cursor.fetchall()}


def _close_empty(entry_ids: Collection[int], *, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE_EMPTY, {"entry_ids": list(entry_ids), "now": now})


def _with_marks_that_wait(sent: list[Waiting], *, base_id: int) -> list[Waiting]:
    """The marks that wait stay: a message tells only the marks that changed."""
    pupils = {each.external_id for each in sent if each.kind == MARKS}
    if not pupils:
        return sent
    items = HeldItem.objects.filter(
        base_id=base_id, kind=MARKS, state=ItemState.WAITING.value, external_id__in=pupils
    )
    held = {(each.source, each.external_id, each.group): as_waiting(each) for each in items}
    joined = []
    for each in sent:
        old = held.get((each.source, *each.pair))
        joined.append(each if old is None else _over(old, each))
    return joined


def _over(old: Waiting, new: Waiting) -> Waiting:
    """Marks that were read later lie on top; the place in the list is that of the later ones."""
    if new.read_at >= old.read_at:
        return with_marks_of(old, new)
    joined = with_marks_of(new, old)
    return msgspec.structs.replace(joined, code=new.code)


def as_waiting(item: HeldItem) -> Waiting:
    """What waits, as it was put aside."""
    return Waiting(
        external_id=item.external_id,
        source=item.source,
        group=item.group,
        kind=item.kind,
        code=item.entry.code,
        digest=item.digest.bytes,
        read_at=item.read_at,
        keys=_keys_from(item.keys),
        content=item.content.encode(),
        pupil_id=item.pupil_id,
    )


def _as_json(waiting: Sequence[Waiting]) -> str:
    rows = [
        {
            "source": each.source,
            "external_id": each.external_id,
            "group": each.group,
            "code": each.code,
            "kind": each.kind,
            "content": each.content.decode(),
            "digest": str(UUID(bytes=each.digest)),
            "keys": each.keys,
            "read_at": each.read_at,
            "pupil_id": each.pupil_id,
        }
        for each in waiting
    ]
    return msgspec.json.encode(rows).decode()
