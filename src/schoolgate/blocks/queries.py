"""Reads what is known to have landed, and what is still outstanding."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from schoolgate.blocks.models import Outstanding
from schoolgate.blocks.rules import LANDED, NOTHING_KNOWN, Hashes, LandedPage, Outcome, PageCounts, Said
from schoolgate_message import groups as declared

_KNOWN = (Path(__file__).parent / "sql" / "known_hashes.sql").read_text(encoding="utf-8")
_BESIDE = (Path(__file__).parent / "sql" / "landed_beside.sql").read_text(encoding="utf-8")
_SAID = (Path(__file__).parent / "sql" / "said_of.sql").read_text(encoding="utf-8")
_counts_from = msgspec.json.Decoder(PageCounts).decode


def known_hashes(base_id: int, *, source: str) -> dict[int, Hashes]:
    """The cache of a base's source by pupil; the hash of the group numbered n stands at n - 1.

    For the source that speaks: what it was not heard about while another source did, it may say now.
    """
    return _known(_KNOWN, base_id, source)


def landed_beside(base_id: int, *, source: str) -> dict[int, dict[str, Hashes]]:
    """What of a base's pupils has landed from its other sources, by pupil and source, in the same places."""
    found: dict[int, dict[str, Hashes]] = {}
    with connection.cursor() as cursor:
        told: dict[str, Any] = {"base_id": base_id, "source": source, "landed": LANDED}
        cursor.execute(_BESIDE, told)
        for pupil_id, of, packed in cursor:
            found.setdefault(pupil_id, {})[of] = Hashes(bytes(packed))
    return found


def said_of(pupil_ids: Collection[int]) -> dict[int, dict[tuple[int, str], Said]]:
    """What every source of every base last said of these pupils, by pupil, then by base and source."""
    found: dict[int, dict[tuple[int, str], Said]] = {}
    if not pupil_ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_SAID, {"pupil_ids": list(pupil_ids)})
        for pupil_id, base_id, source, packed, outcomes, read_at in cursor:
            said = Said(Hashes(bytes(packed)), outcomes, read_at)
            found.setdefault(pupil_id, {})[base_id, source] = said
    return found


def _known(statement: str, base_id: int, source: str) -> dict[int, Hashes]:
    with connection.cursor() as cursor:
        told: dict[str, Any] = {"base_id": base_id, "source": source, "other": Outcome.OTHER_SOURCE.value}
        cursor.execute(statement, told)
        return {pupil_id: Hashes(bytes(packed)) for pupil_id, packed in cursor}


def forgotten_since(base_id: int, before: Mapping[int, Hashes], *, source: str) -> dict[int, set[str]]:
    """The data groups of which the cache of a base's source held a hash and holds none now, by pupil.

    Waits for whoever is just forgetting, and holds the rows until the transaction ends, so that a page
    proposed in it is either not proposed or deleted by the one who forgets next.
    """
    names = {group.number: group.name for group in declared.GROUPS}
    now = _known(f"{_KNOWN} FOR SHARE", base_id, source)
    lost: dict[int, set[str]] = {}
    for pupil_id, hashes in before.items():
        held = now.get(pupil_id, NOTHING_KNOWN)
        if held == hashes:
            continue
        for number, one in enumerate(hashes, start=1):
            if one is not None and (number > len(held) or held[number - 1] is None):
                lost.setdefault(pupil_id, set()).add(names[number])
    return lost


def landed_pages(base_id: int, signature: str) -> dict[int, LandedPage]:
    """The pages of one request of which every block landed, by page number, with the pupils on them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT page, digest, counts::text, cardinality(pupils), pupils"
            " FROM page_hash WHERE base_id = %s AND signature = %s",
            [base_id, signature],
        )
        return {page: _landed_page(*said) for page, *said in cursor.fetchall()}


def every_landed_page(base_id: int) -> dict[str, dict[int, LandedPage]]:
    """All landed pages of a base by request and page number, without the names of the pupils on them."""
    found: dict[str, dict[int, LandedPage]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT signature, page, digest, counts::text, cardinality(pupils)"
            " FROM page_hash WHERE base_id = %s",
            [base_id],
        )
        for signature, page, *said in cursor.fetchall():
            found.setdefault(signature, {})[page] = _landed_page(*said)
    return found


def _landed_page(digest: UUID, counts: str, how_many: int, pupils: Sequence[str] = ()) -> LandedPage:
    return LandedPage(
        digest=digest.bytes, counts=_counts_from(counts), how_many=how_many, pupils=list(pupils)
    )


def noted_outstanding(base_id: int, *, run_id: int) -> set[tuple[str, str]]:
    """What a run of a base has itself put on the outstanding list: external id and data group."""
    return set(Outstanding.objects.filter(base_id=base_id, run_id=run_id).values_list("external_id", "group"))


def outstanding(base_id: int, *, source: str) -> list[tuple[str, str, str]]:
    """Blocks of a base's source that have not landed: external id, data group, code of the reason."""
    found = Outstanding.objects.filter(base_id=base_id, source=source).order_by("external_id", "group")
    return list(found.values_list("external_id", "group", "code"))
