"""Reads what waits for a person and what was decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Case, Count, Exists, Min, OuterRef, Q, QuerySet, When

from schoolgate.accounts.scopes import Scope
from schoolgate.holding.causes import RANKS
from schoolgate.holding.models import HeldEntry, HeldItem
from schoolgate.holding.rules import WHO, Pair, Release, Standing, fingerprint
from schoolgate.holding.states import STANDING, EntryState, ItemState
from schoolgate.lib.bulk import written_array
from schoolgate.runs.models import Run
from schoolgate.runs.states import UNFINISHED

_SQL = Path(__file__).parent / "sql"
_STANDING = (_SQL / "standing.sql").read_text(encoding="utf-8")
_OPEN_ENTRIES = (_SQL / "entries_that_wait.sql").read_text(encoding="utf-8")


class OpenEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in which something waits: of how many pupils for a person, of how many it is being landed.

    ``since_at`` is since when the oldest of it waits.
    """

    id: int
    base_id: int
    base_name: str
    dfe_number: str
    code: str
    since_at: datetime
    last_run_id: int | None
    pupils: int
    on_their_way: int


def standing(base_id: int, source: str, external_ids: Collection[str] | None = None) -> dict[Pair, Standing]:
    """What waits or was refused of a source at a base, by external id and data group; of some pupils or all.

    Content of the same digest need not be told again. One statement.
    """
    named = None if external_ids is None else written_array(external_ids)
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"base_id": base_id, "source": source, "external_ids": named})
        return {
            (external_id, group): Standing(state=state, digest=digest.bytes, code=code)
            for external_id, group, state, digest, code in cursor.fetchall()
        }


def questioned_at(pupil_ids: Collection[int]) -> dict[int, set[int]]:
    """The bases of which it is asked, or was and nothing said, whether these pupils are theirs; by pupil."""
    found: dict[int, set[int]] = {}
    asked = HeldItem.objects.filter(pupil_id__in=list(pupil_ids), kind=WHO, state__in=STANDING)
    for pupil_id, base_id in asked.values_list("pupil_id", "base_id"):
        found.setdefault(pupil_id, set()).add(base_id)
    return found


def released(run_id: int) -> dict[Pair, Release]:
    """What this run is to land because it was released, and what was decided of it.

    A pair is gone from here once newer content waits in its place: the landing then holds the older back.
    """
    found = HeldItem.objects.filter(release_run_id=run_id).order_by("id")
    columns = ("external_id", "group", "decision", "read_at", "decided_by", "pupil_id")
    return {
        (external_id, group): Release(decision=decision, read_at=read_at, by=by, pupil_id=pupil_id)
        for external_id, group, decision, read_at, by, pupil_id in found.values_list(*columns)
    }


def waiting_items(entry_id: int, external_ids: Collection[str] | None = None) -> list[HeldItem]:
    """What of an entry waits for a person, of some pupils or all: not what a run is already to land."""
    waiting = HeldItem.objects.filter(entry_id=entry_id, state=ItemState.WAITING.value)
    found = waiting.filter(~_is_landing()).order_by("id")
    if external_ids is not None:
        found = found.filter(external_id__in=external_ids)
    return list(found.select_related("entry"))


def waiting_of_cause(base_id: int, code: str, group: str) -> list[HeldItem]:
    """What of a data group waits at a base for one cause."""
    open_at = HeldEntry.objects.filter(base_id=base_id, code=code, state=EntryState.OPEN.value)
    found = HeldItem.objects.filter(entry__in=open_at, group=group, state=ItemState.WAITING.value)
    return list(found.order_by("id"))


def fingerprint_of(items: Iterable[HeldItem]) -> str:
    """The fingerprint of what somebody looks at."""
    return fingerprint((each.external_id, each.group, str(each.digest)) for each in items)


def seen(scope: Scope) -> QuerySet[HeldEntry]:
    """The entries of a scope, open or not, with their base."""
    return scope.narrow(HeldEntry.objects.select_related("base"))


def entries_that_wait(scope: Scope, *, base_ids: Collection[int] | None = None) -> list[OpenEntry]:
    """Every entry of a scope in which something waits, worst first; of some bases or all. One statement."""
    asked = scope.narrowed(base_ids)
    if asked is not None and not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN_ENTRIES,
            {"base_ids": None if asked is None else list(asked), "unfinished": list(UNFINISHED)},
        )
        names = OpenEntry.__struct_fields__
        found = [OpenEntry(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
    return sorted(
        found, key=lambda each: (RANKS.get(each.code, len(RANKS)), -each.pupils, -each.on_their_way)
    )


def entries_by_cause(scope: Scope, base_id: int, causes: Collection[str], *, at: datetime) -> dict[str, int]:
    """The newest entry of a base that each of these causes had been given by a time, by its code."""
    found = scope.narrow(HeldEntry.objects.filter(base_id=base_id, code__in=causes, opened_at__lte=at))
    return dict(found.order_by("opened_at", "id").values_list("code", "id"))


def entries_of_pupil(scope: Scope, pupil_id: int) -> list[HeldEntry]:
    """The entries of a scope in which something waits about a pupil, with their base, oldest first."""
    waiting = HeldItem.objects.filter(pupil_id=pupil_id, state=ItemState.WAITING.value)
    return list(seen(scope).filter(pk__in=waiting.values("entry_id")).order_by("opened_at", "id"))


def decided_entries(scope: Scope) -> QuerySet[HeldEntry]:
    """Entries of a scope in which nothing waits any more, newest first."""
    return seen(scope).exclude(state=EntryState.OPEN.value).order_by("-closed_at", "-id")


def pupils_of(entry_id: int) -> QuerySet[Any, Any]:
    """Whom an entry is about, as ``external_id``; those for whom something waits first, as they came."""
    waiting = Q(state=ItemState.WAITING.value)
    found = HeldItem.objects.filter(entry_id=entry_id).values("external_id")
    counted = found.annotate(waits=Count("id", filter=waiting), first=Min("id"))
    return counted.annotate(place=Case(When(waits__gt=0, then=0), default=1)).order_by("place", "first")


def items_of(entry_id: int, external_ids: Collection[str]) -> list[HeldItem]:
    """Everything of an entry about some of its pupils, decided or not, in the order it came; each says
    whether a run is just to land it (``is_on_its_way``).
    """
    found = HeldItem.objects.filter(entry_id=entry_id, external_id__in=external_ids)
    return list(found.annotate(is_on_its_way=_is_landing()).order_by("id"))


def waiting_counts(entry_id: int) -> tuple[int, int]:
    """Of how many pupils of an entry something waits for a person, and of how many a run is to land it."""
    waiting = HeldItem.objects.filter(entry_id=entry_id, state=ItemState.WAITING.value)
    told = waiting.annotate(is_on_its_way=_is_landing()).values_list("external_id", "is_on_its_way")
    pairs = set(told)
    return sum(not is_landing for _, is_landing in pairs), sum(is_landing for _, is_landing in pairs)


def _is_landing() -> Exists:
    """Whether a run that isn't over is to land it; one that failed, or left it waiting, no longer is."""
    return Exists(Run.objects.filter(pk=OuterRef("release_run_id"), stage__in=UNFINISHED))
