"""Remembers which pupil an external id stands for, and where on the base's roll it was last seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
import xxhash
from django.db import connection

from schoolgate.lib.bulk import copy_rows
from schoolgate.lib.folding import fold
from schoolgate_message.records import MatchKeys

_COLUMNS = (
    "base_id",
    "external_id",
    "pupil_id",
    "upn",
    "family_name",
    "given_name",
    "date_of_birth",
    "sex",
    "roll_state",
    "matched_by",
    "matched_at",
    "seen_run_id",
)


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """An external id seen for the first time, the pupil it stands for and the rule that says so."""

    keys: MatchKeys
    pupil_id: int
    rule: str
    roll_state: str = ""


def claim_pupils(keys: Iterable[MatchKeys]) -> None:
    """Wait for every other landing that is just adding one of these pupils, and make others wait.

    To be called before ``find_matches`` in the transaction that will add those not found: what the
    other landing committed is then seen. Claims are made in one order, so that two landings with
    several children in common queue up.
    """
    claims = sorted({claim for each in keys for claim in _claims(each)})
    if not claims:
        return
    written = "{" + ",".join(claims) + "}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO match_claim (key) SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING", [written]
        )
        cursor.execute("DELETE FROM match_claim WHERE key = ANY(%s::uuid[])", [written])


def link_pupils(links: Sequence[NewLink], *, base_id: int, run_id: int | None, now: datetime) -> None:
    """Write the links of external ids that the base has not sent before."""
    rows = (
        (
            base_id,
            link.keys.external_id,
            link.pupil_id,
            link.keys.upn,
            link.keys.family_name,
            link.keys.given_name,
            link.keys.date_of_birth,
            link.keys.sex,
            link.roll_state,
            link.rule,
            now,
            run_id,
        )
        for link in links
    )
    with connection.cursor() as cursor:
        copy_rows(cursor, "pupil_external_id", _COLUMNS, rows)


def refresh_keys(keys: Sequence[MatchKeys], *, base_id: int) -> None:
    """Keep the match keys as last sent beside external ids that are known already."""
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pupil_external_id link SET upn = sent.upn, family_name = sent.family_name,"
            " given_name = sent.given_name, date_of_birth = sent.date_of_birth, sex = sent.sex"
            " FROM json_to_recordset(%s::json) AS sent (external_id text, upn text, family_name text,"
            " given_name text, date_of_birth text, sex text)"
            " WHERE link.base_id = %s AND link.external_id = sent.external_id",
            [msgspec.json.encode(keys).decode(), base_id],
        )


def see_roll(states: Mapping[str, str], *, base_id: int, run_id: int) -> None:
    """Note the roll state of every pupil that a roll names, and that this run has seen it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pupil_external_id link SET roll_state = sent.state, seen_run_id = %s"
            " FROM json_each_text(%s::json) AS sent (external_id, state)"
            " WHERE link.base_id = %s AND link.external_id = sent.external_id",
            [run_id, msgspec.json.encode(states).decode(), base_id],
        )


def mark_absent(external_ids: Collection[str], *, base_id: int) -> None:
    """Note that a complete roll no longer names these pupils. Nothing of their record ends by it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pupil_external_id SET roll_state = 'Absent' WHERE base_id = %s AND external_id = ANY(%s)",
            [base_id, list(external_ids)],
        )


def _claims(keys: MatchKeys) -> Iterable[str]:
    if keys.upn:
        yield _hashed("upn", keys.upn)
    identity = (keys.date_of_birth, keys.sex, fold(keys.family_name), fold(keys.given_name))
    if all(identity):
        yield _hashed("identity", *identity)


def _hashed(*parts: str) -> str:
    return xxhash.xxh3_128_hexdigest("\x1f".join(parts).encode())
