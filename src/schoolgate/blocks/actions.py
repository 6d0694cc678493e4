"""Writes the cache of hashes and the outstanding list, always in the transaction that lands.

The promise kept here: a hash is remembered only after its block landed, and forgotten in the same
transaction as anything else writes to that part of the record. A page is a shortcut over many blocks,
so whatever forgets a block's hash forgets the pages that feed the block's group as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
from django.db import connection

from schoolgate.blocks.models import ProposedPage as ProposedRow
from schoolgate.blocks.rules import Outcome, ProposedPage, Remembered, as_arrays
from schoolgate.lib.bulk import copy_rows
from schoolgate_message import groups as declared

PAGES_AT_ONCE = 20
"""A page names a thousand pupils, and all pages of a statement are held several times over."""
_COLUMNS = ("base_id", "pupil_id", "hashes", "outcomes", "read_at", "changed_at")
_SQL = Path(__file__).parent / "sql"
_REMEMBER = (_SQL / "remember.sql").read_text(encoding="utf-8")
_FORGET = (_SQL / "forget.sql").read_text(encoding="utf-8")
_DROP_PAGES = (_SQL / "drop_pages.sql").read_text(encoding="utf-8")
_CONFIRM = (_SQL / "confirm_pages.sql").read_text(encoding="utf-8")


def remember(
    *,
    base_id: int,
    landed: Mapping[int, Mapping[int, Remembered]],
    new_pupils: Collection[int] = frozenset(),
    now: datetime,
) -> None:
    """Remember the blocks that landed: by pupil and group number. Other groups stay as held.

    A read time never goes back: of two that stand for a group the newer stays.

    ``new_pupils`` were added by this very landing, so nothing can be remembered of them yet: theirs are
    copied in.
    """
    arrays = {pupil_id: as_arrays(hashes) for pupil_id, hashes in landed.items()}
    fresh = ((base_id, each, *arrays[each], now) for each in arrays if each in new_pupils)
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
            cursor.execute(_REMEMBER, {"base_id": base_id, "now": now, "landed": written})


def forget(
    *,
    pupil_ids: Collection[int],
    groups: Collection[str],
    now: datetime,
    base_id: int | None = None,
    except_base_id: int | None = None,
) -> None:
    """Forget the hashes of these groups of these pupils, and the pages that feed them.

    At one base (``base_id``), at all others (``except_base_id``) or everywhere.
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
                "except_base_id": except_base_id,
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


def forget_unheard(
    *, pupil_ids: Collection[int], base_ids: Collection[int] | None = None, now: datetime
) -> list[tuple[int, int, str]]:
    """Forget what these bases (``None`` for all) were not heard about; answers base, pupil and data group.

    For bases that may say now what another said for them before.
    """
    names = {group.number: group.name for group in declared.GROUPS}
    unheard: list[tuple[int, int, str]] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT base_id, pupil_id, array_positions(outcomes, %(unheard)s) FROM block_hash"
            " WHERE pupil_id = ANY(%(pupil_ids)s) AND %(unheard)s = ANY(outcomes)"
            " AND (%(base_ids)s::bigint[] IS NULL OR base_id = ANY(%(base_ids)s))",
            {
                "unheard": Outcome.UNHEARD.value,
                "pupil_ids": list(pupil_ids),
                "base_ids": None if base_ids is None else list(base_ids),
            },
        )
        for base_id, pupil_id, numbers in cursor.fetchall():
            unheard += [(base_id, pupil_id, names[number]) for number in numbers]
    for base_id, name in sorted({(base_id, name) for base_id, _, name in unheard}):
        which = [pupil_id for base, pupil_id, each in unheard if (base, each) == (base_id, name)]
        forget(pupil_ids=which, groups=[name], base_id=base_id, now=now)
    return unheard


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
    entries: Iterable[tuple[str, str, str]], *, base_id: int, run_id: int | None, now: datetime
) -> None:
    """Note blocks that did not land: external id, data group, code of the reason.

    ``run_id`` is the run that met them, ``None`` where a person's decision has them read again.
    """
    rows = list(
        {(external_id, group): (external_id, group, code) for external_id, group, code in entries}.values()
    )
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO block_outstanding AS held (base_id, external_id, "group", code, since_at, run_id)'
            " SELECT %s, sent.external_id, sent.name, sent.code, %s, %s"
            " FROM unnest(%s::text[], %s::text[], %s::text[]) AS sent (external_id, name, code)"
            ' ON CONFLICT (base_id, external_id, "group") DO UPDATE SET code = excluded.code,'
            " run_id = excluded.run_id",
            [base_id, now, run_id, *([row[place] for row in rows] for place in range(3))],
        )


def settle_all_but(external_ids: Collection[str], *, groups: Collection[str], base_id: int) -> None:
    """Take the blocks of these pupils off the list, but for those of some data groups."""
    if not external_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM block_outstanding WHERE base_id = %s AND external_id = ANY(%s::text[])"
            ' AND "group" <> ALL(%s::text[])',
            [base_id, list(external_ids), list(groups)],
        )


def settle_outstanding(pairs: Iterable[tuple[str, str]], *, base_id: int) -> None:
    """Take blocks (external id, data group) that landed off the list."""
    rows = list(pairs)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM block_outstanding held"
            " USING unnest(%s::text[], %s::text[]) AS landed (external_id, name)"
            " WHERE held.base_id = %s AND held.external_id = landed.external_id"
            ' AND held."group" = landed.name',
            [[external_id for external_id, _ in rows], [name for _, name in rows], base_id],
        )
