"""Makes landings that look for the same child, or write the same UPN, wait for each other."""

from __future__ import annotations

from collections.abc import Iterable

import xxhash
from django.db import connection

from schoolgate.codes.upn import as_key
from schoolgate.lib.folding import fold
from schoolgate_message.records import MatchKeys


def claim_pupils(keys: Iterable[MatchKeys], *, upns: Iterable[str] = ()) -> None:
    """Wait for every other landing that is just adding one of these pupils, and make others wait.

    To be called before ``find_matches`` in the transaction that will add those not found: what the
    other landing committed is then seen. Claims are made in one order, so that two landings with
    several children in common queue up. ``upns`` are those which pupils known already are about to get.
    """
    claims = sorted(
        {claim for each in keys for claim in _claims(each)} | {_hashed("upn", each) for each in upns}
    )
    if not claims:
        return
    written = "{" + ",".join(claims) + "}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO match_claim (key) SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING", [written]
        )
        cursor.execute("DELETE FROM match_claim WHERE key = ANY(%s::uuid[])", [written])


def _claims(keys: MatchKeys) -> Iterable[str]:
    if upn := as_key(keys.upn):
        yield _hashed("upn", upn)
    identity = (keys.date_of_birth, keys.sex, fold(keys.family_name), fold(keys.given_name))
    if all(identity):
        yield _hashed("identity", *identity)


def _hashed(*parts: str) -> str:
    return xxhash.xxh3_128_hexdigest("\x1f".join(parts).encode())
