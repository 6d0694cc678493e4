"""Writes the cache of hashes and the outstanding list, always in the transaction that lands.

The promise kept here: a hash is remembered only after its block landed, and forgotten in the same
transaction as anything else writes to that part of the record. A page is a shortcut over many blocks,
so whatever forgets a block's hash forgets the pages that feed the block's group as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from django.db import connection

from schoolgate.blocks.models import ProposedPage as ProposedRow
from schoolgate.blocks.rules import LANDED, Outcome, ProposedPage, Remembered, Unheard, as_arrays
from schoolgate.lib.bulk import copy_rows
from schoolgate_message import groups as declared

PAGES_AT_ONCE = 20
"""A page names a thousand pupils, and all pages of a statement are held several times over."""
_COLUMNS = ("base_id", "source", "pupil_id", "hashes", "outcomes", "read_at", "changed_at")
_SQL = Path(__file__).parent / "sql"
_REMEMBER = (_SQL / "remember.sql").read_text(encoding="utf-8")
_FORGET = (_SQL / "forget.sql").read_text(encoding="utf-8")
_DROP_PAGES = (_SQL / "drop_pages.sql").read_text(encoding="utf-8")
_RETELL = (_SQL / "retell.sql").read_text(encoding="utf-8")
_CONFIRM = (_SQL / "confirm_pages.sql").read_text(encoding="utf-8")


def remember(
    *,
    base_id: int,
    source: str,
    landed: Mapping[int, Mapping[int, Remembered]],
    new_pupils: Collection[int] = frozenset(),
    now: datetime,
) -> None:
    """Remember the blocks that landed from a base's source: by pupil and group number. Others stay as held.

    A read time never goes back: of two that stand for a group the newer stays.

    ``new_pupils`` were added by this very landing, so nothing can be remembered of them yet: theirs are
    copied in.
    """
    arrays = {pupil_id: as_arrays(hashes) for pupil_id, hashes in landed.items()}
    fresh = ((base_id, source, each, *arrays[each], now) for each in arrays if each in new_pupils)
    others = [
        {"pupil_id": each, "hashes": hashes, "outcomes": outcomes, "read_at": read_at}
        for each, (hashes, outcomes, read_at) in arrays.items()
        if each not in new_pupils
    ]
    with connection.cursor() as cursor:
        if new_pupils:
            copy_rows(cursor, "block_hash", _COLUMNS, fresh)
        if others:
            written = msgspec.json.encode(others).decode()
            cursor.execute(_REMEMBER, {"base_id": base_id, "source": source, "now": now, "landed": written})


def forget(
    *,
    pupil_ids: Collection[int],
    groups: Collection[str],
    now: datetime,
    base_id: int | None = None,
    source: str | None = None,
    but: tuple[int, str] | None = None,
) -> None:
    """Forget the hashes of these groups of these pupils, and the pages that feed them.

    At one base (``base_id``), of one ``source`` or of all, or everywhere; ``but`` what one source of one base
    said stays.
    """
    if not pupil_ids or not groups:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _FORGET,
            {
                "pupil_ids": list(pupil_ids),
                "numbers": [declared.BY_NAME[name].number for name in groups],
                "base_id": base_id,
                "source": source,
                "but_base_id": but[0] if but else None,
                "but_source": but[1] if but else None,
                "now": now,
            },
        )
        bases = sorted({row[0] for row in cursor.fetchall()})
        # Proposed before landed: a landing that is just confirming its pages holds the proposed rows, and
        # once it lets go the second statement sees what it made of them.
        for table in ("page_proposed", "page_hash") if bases else ():
            cursor.execute(
                f"DELETE FROM {table} WHERE base_id = ANY(%s) AND groups && %s::varchar[]",  # noqa: S608
                [bases, list(groups)],
            )


def retell(
    told: Collection[tuple[int, int, bytes]], *, base_id: int, source: str, read_at: datetime, now: datetime
) -> set[tuple[int, int]]:
    """Remember that a source says now what another source of its base landed: pupil, group number and hash.

    Answers which of them (pupil, group number) are known by that; of the others the hash was forgotten since.
    """
    if not told:
        return set()
    pupil_ids, numbers, digests = zip(*told, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _RETELL,
            {
                "base_id": base_id,
                "source": source,
                "pupil_ids": list(pupil_ids),
                "numbers": list(numbers),
                "digests": [UUID(bytes=each) for each in digests],
                "landed": LANDED,
            },
        )
        found = cursor.fetchall()
    landed: dict[int, dict[int, Remembered]] = {}
    for pupil_id, number, digest in found:
        said = Remembered(digest.bytes, Outcome.UNCHANGED, read_at)
        landed.setdefault(pupil_id, {})[number] = said
    remember(base_id=base_id, source=source, landed=landed, now=now)
    return {(pupil_id, number) for pupil_id, number, _ in found}


def forget_unheard(
    *,
    pupil_ids: Collection[int] | None = None,
    base_ids: Collection[int] | None = None,
    source: str | None = None,
    why: Outcome = Outcome.UNHEARD,
    now: datetime,
) -> list[Unheard]:
    """Forget what these bases' sources were not heard about, and answer it; ``None`` stands for all.

    For those that may say now what another base, or another source (``why``), said for them before.
    """
    names = {group.number: group.name for group in declared.GROUPS}
    found: list[Unheard] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT base_id, source, pupil_id, array_positions(outcomes, %(why)s) FROM block_hash"
            " WHERE %(why)s = ANY(outcomes)"
            " AND (%(pupil_ids)s::bigint[] IS NULL OR pupil_id = ANY(%(pupil_ids)s))"
            " AND (%(base_ids)s::bigint[] IS NULL OR base_id = ANY(%(base_ids)s))"
            " AND (%(source)s::text IS NULL OR source = %(source)s)",
            {
                "why": why.value,
                "pupil_ids": None if pupil_ids is None else list(pupil_ids),
                "base_ids": None if base_ids is None else list(base_ids),
                "source": source,
            },
        )
        for base_id, of_source, pupil_id, numbers in cursor.fetchall():
            found += [Unheard(base_id, of_source, pupil_id, names[number]) for number in numbers]
    by_place: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for each in found:
        by_place[each.base_id, each.source, each.group].append(each.pupil_id)
    for (base_id, of_source, name), which in sorted(by_place.items()):
        forget(pupil_ids=which, groups=[name], base_id=base_id, source=of_source, now=now)
    return found


def drop_pages(*, base_id: int, groups: Collection[str], external_ids: Collection[str]) -> None:
    """Forget landed pages of these groups that hold one of these pupils: what they say is out of date.

    For the base's own newer blocks, which came by another request (changed data, a read by id). Were
    the old page kept, a school that took its change back would be answered from it.
    """
    if not groups or not external_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _DROP_PAGES, {"base_id": base_id, "groups": list(groups), "external_ids": list(external_ids)}
        )


def propose_pages(*, run_id: int, base_id: int, pages: Sequence[ProposedPage]) -> None:
    """Note pages as read; they count once the run has landed. Proposing a page again replaces it."""
    ProposedRow.objects.bulk_create(
        [
            ProposedRow(
                run_id=run_id,
                base_id=base_id,
                signature=each.signature,
                page=each.page,
                digest=UUID(bytes=each.digest),
                groups=list(each.groups),
                counts=msgspec.to_builtins(each.counts),
                pupils=list(each.pupils),
            )
            for each in pages
        ],
        update_conflicts=True,
        unique_fields=["run_id", "signature", "page"],
        update_fields=["digest", "groups", "counts", "pupils"],
        batch_size=PAGES_AT_ONCE,
    )


def confirm_pages(*, run_id: int, base_id: int, failed: Collection[str] = ()) -> None:
    """Remember the run's pages whose blocks all landed; ``failed`` are external ids with one that did not."""
    with connection.cursor() as cursor:
        cursor.execute(_CONFIRM, {"run_id": run_id, "base_id": base_id, "failed": list(failed)})


def note_outstanding(
    entries: Iterable[tuple[str, str, str]],
    *,
    base_id: int,
    source: str,
    run_id: int | None,
    now: datetime,
) -> None:
    """Note blocks of a base's source that did not land: external id, data group, code of the reason.

    ``run_id`` is the run that met them, ``None`` where a person's decision has them read again.
    """
    rows = list(
        {(external_id, group): (external_id, group, code) for external_id, group, code in entries}.values()
    )
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO block_outstanding AS held"
            ' (base_id, source, external_id, "group", code, since_at, run_id)'
            " SELECT %s, %s, sent.external_id, sent.name, sent.code, %s, %s"
            " FROM unnest(%s::text[], %s::text[], %s::text[]) AS sent (external_id, name, code)"
            ' ON CONFLICT (base_id, source, external_id, "group") DO UPDATE SET code = excluded.code,'
            " run_id = excluded.run_id",
            [base_id, source, now, run_id, *([row[place] for row in rows] for place in range(3))],
        )


def settle_all_but(
    external_ids: Collection[str], *, groups: Collection[str], base_id: int, source: str
) -> None:
    """Take the blocks of these pupils of a base's source off the list, but for those of some data groups."""
    if not external_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM block_outstanding WHERE base_id = %s AND source = %s"
            ' AND external_id = ANY(%s::text[]) AND "group" <> ALL(%s::text[])',
            [base_id, source, list(external_ids), list(groups)],
        )


def settle_outstanding(pairs: Iterable[tuple[str, str]], *, base_id: int, source: str) -> None:
    """Take blocks of a base's source (external id, data group) that landed off the list."""
    rows = list(pairs)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM block_outstanding held"
            " USING unnest(%s::text[], %s::text[]) AS landed (external_id, name)"
            " WHERE held.base_id = %s AND held.source = %s AND held.external_id = landed.external_id"
            ' AND held."group" = landed.name',
            [[external_id for external_id, _ in rows], [name for _, name in rows], base_id, source],
        )
