"""Finds for many arriving pupils at once which pupil of the register each one is.

An external id is looked up by its base and source, and only a link that has not ended counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection

from schoolgate.bases.models import OWN_SOURCES, source_of
from schoolgate.codes.upn import as_key
from schoolgate.lib.bulk import written_array
from schoolgate.lib.folding import fold
from schoolgate.matching.doubts import HeldKeys, Lookalikes, held_keys_from, still_agrees
from schoolgate.matching.rules import BY_EXTERNAL_ID, Candidate, Match, SharedLink, match
from schoolgate_message.records import MatchKeys
from schoolgate_message.roll_states import (
    ABSENT,
    ATTENDING,
    CURRENT,
    MAY_ATTEND,
    attends,
    is_on_roll,
)

_SQL = Path(__file__).parent / "sql"
_CANDIDATES = (_SQL / "candidates.sql").read_text(encoding="utf-8")
_BESIDE = (_SQL / "links_beside.sql").read_text(encoding="utf-8")
_HELD_KEYS = (_SQL / "held_keys.sql").read_text(encoding="utf-8")
_KEYS = "external_id, upn, family_name, given_name, date_of_birth, sex"
NOBODY: Mapping[str, int] = {}


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A pupil the base has sent before: whom its external id stands for, and how it was last seen."""

    pupil_id: int
    keys: MatchKeys
    roll_state: str


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """That another base, or another source of the same, knows a pupil, and where on its roll.

    ``is_own_source`` says that it is the MIS of that base; ``came_first`` that it linked the pupil before the
    source that was asked for did.
    """

    pupil_id: int
    base_id: int
    source: str
    is_own_source: bool
    roll_state: str
    came_first: bool = False


def known_pupils(base_id: int, *, source: str) -> dict[str, Known]:
    """Every external id of a base's source and the pupil it stands for."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_KEYS}, pupil_id, roll_state FROM pupil_external_id"  # noqa: S608
            " WHERE base_id = %s AND source = %s AND ended_at IS NULL",
            [base_id, source],
        )
        return {
            row[0]: Known(pupil_id=row[6], roll_state=row[7], keys=_keys(row[:6]))
            for row in cursor.fetchall()
        }


def find_matches(
    base_id: int,
    keys: Sequence[MatchKeys],
    *,
    source: str,
    states: Mapping[str, str] | None = None,
    on_roll: Collection[str] | None = None,
    claimed: Collection[int] = frozenset(),
    apart: Mapping[str, int] = NOBODY,
) -> dict[str, Match]:
    """Which pupil each of these is, by external id; a match without a pupil is new or a problem.

    ``states`` are the roll's, by external id; whom it doesn't name is Current. ``on_roll`` are the external
    ids of a roll that was read completely: an id the base has sent before and that is not among them no
    longer holds its pupil. Without it the roll state last seen decides. ``claimed`` are pupils for whom
    the same file has already sent another external id, ``apart`` whom an external id does not stand for.
    """
    known = _links(base_id, [each.external_id for each in keys], source=source)
    unknown = [each for each in keys if each.external_id not in known]
    found = {external_id: Match(pupil_id=pupil, rule=BY_EXTERNAL_ID) for external_id, pupil in known.items()}
    if unknown:
        told = states or {}
        candidates = _candidates(base_id, unknown, source=source, on_roll=on_roll, claimed=claimed)
        for each in unknown:
            state = told.get(each.external_id, CURRENT)
            other = apart.get(each.external_id)
            fit = [one for one in candidates[each.external_id] if one.pupil_id != other]
            found[each.external_id] = match(each, fit, attends=attends(state))
    return found


def find_doubted(
    said: Sequence[MatchKeys], *, known: Mapping[str, Known], lookalikes: Lookalikes
) -> dict[str, int]:
    """Which of these known ids are not believed, and whom they stood for; what is held is read at once.

    ``said`` are keys that differ from those last seen; ``known`` holds all ids of the base's source, and
    ``lookalikes`` their keys.
    """
    last_seen: dict[int, list[MatchKeys]] = {}
    for each in said:
        before = known[each.external_id]
        last_seen.setdefault(before.pupil_id, []).append(before.keys)
    held = held_keys(last_seen)
    doubted: dict[str, int] = {}
    for each in said:
        pupil_id = known[each.external_id].pupil_id
        others = [keys for other, keys in lookalikes.of(each).items() if known[other].pupil_id != pupil_id]
        if not still_agrees(each, held[pupil_id], others=others):
            doubted[each.external_id] = pupil_id
    return doubted


def held_keys(known: Mapping[int, Iterable[MatchKeys]]) -> dict[int, HeldKeys]:
    """By what pupils are or were known: in the register, and beside an external id when it was last seen."""
    if not known:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_HELD_KEYS, {"pupil_ids": list(known)})
        return {row[0]: _held_keys(row[1:], known[row[0]]) for row in cursor.fetchall()}


def holders_of(upns: Collection[str]) -> dict[str, int]:
    """Which pupil holds each of these UPNs now; those that nobody holds are left out.

    Where two hold one, from a time when that could happen, the first record does.
    """
    if not upns:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT upn, min(pupil_id) FROM pupil_identifiers WHERE upn = ANY(%s::text[]) GROUP BY upn",
            [written_array(upns)],
        )
        return dict(cursor.fetchall())


def links_beside(pupil_ids: Collection[int], *, base_id: int, source: str | None = None) -> list[Beside]:
    """By whom else these pupils are known: at other bases, and from other sources of this one.

    Without a ``source`` only at other bases. At a base that is no longer in use nobody is on a roll. Of
    several ids that a source has for a pupil the one that is on the roll comes last.
    """
    if not pupil_ids:
        return []
    with connection.cursor() as cursor:
        told: dict[str, Any] = {"pupil_ids": list(pupil_ids), "base_id": base_id, "source": source}
        cursor.execute(_BESIDE, told | {"absent": ABSENT, "attending": list(ATTENDING)})
        return [
            Beside(
                pupil_id=pupil_id,
                base_id=base,
                source=of,
                is_own_source=of == source_of(mis),
                roll_state=state,
                came_first=came_first,
            )
            for pupil_id, base, mis, of, state, came_first in cursor.fetchall()
        ]


def links_elsewhere(pupil_ids: Collection[int], base_id: int) -> dict[int, dict[int, str]]:
    """At which other bases these pupils are known, and in which roll state: pupil, base, state."""
    return states_elsewhere(links_beside(pupil_ids, base_id=base_id), base_id=base_id)


def states_elsewhere(links: Iterable[Beside], *, base_id: int) -> dict[int, dict[int, str]]:
    """The roll states of pupils at other bases than this one: pupil, base, state.

    A pupil counts at a base as its MIS says, if that lists the pupil; of several ids by the one that is on
    the roll, if any.
    """
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for link in sorted(links, key=lambda each: each.is_own_source):
        if link.base_id != base_id:
            found[link.pupil_id][link.base_id] = link.roll_state
    return found


def shared_links(pupil_ids: Collection[int]) -> dict[int, list[SharedLink]]:
    """The living links of these pupils at every base that is in use, by pupil.

    Where the MIS of a base lists a pupil, all links of the base are in the state that it says.
    """
    found: dict[int, list[SharedLink]] = defaultdict(list)
    said: dict[tuple[int, int], str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT link.id, link.pupil_id, link.base_id, link.source, link.external_id, link.upn,"
            " link.matched_by, link.matched_at, link.roll_state, base.mis"
            " FROM pupil_external_id link JOIN base ON base.id = link.base_id AND base.is_active"
            " WHERE link.pupil_id = ANY(%s) AND link.ended_at IS NULL"
            " ORDER BY link.roll_state = ANY(%s), link.id",
            [list(pupil_ids), list(ATTENDING)],
        )
        names = SharedLink.__struct_fields__
        for *row, mis in cursor.fetchall():
            link = SharedLink(**dict(zip(names, row, strict=True)))
            found[link.pupil_id].append(link)
            if link.source == source_of(mis):
                said[link.pupil_id, link.base_id] = link.roll_state
    return {
        pupil_id: [
            msgspec.structs.replace(each, roll_state=said.get((pupil_id, each.base_id), each.roll_state))
            for each in sorted(links, key=lambda each: each.link_id)
        ]
        for pupil_id, links in found.items()
    }


def external_ids_at(pupil_ids: Collection[int]) -> dict[tuple[int, str, int], tuple[str, str]]:
    """By what id each source knows these pupils, and in which roll state, by base, source and pupil.

    Of several ids it is the one that is on the roll.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT base_id, source, pupil_id, external_id, roll_state FROM pupil_external_id"
            " WHERE pupil_id = ANY(%s) AND ended_at IS NULL ORDER BY roll_state = ANY(%s), id",
            [list(pupil_ids), list(ATTENDING)],
        )
        return {tuple(row[:3]): (row[3], row[4]) for row in cursor.fetchall()}


def ids_of_the_same(external_ids: Collection[str], *, base_id: int, source: str) -> set[str]:
    """These ids of a base's source, and by what other ids the base knows the same pupils."""
    if not external_ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT other.external_id FROM pupil_external_id link"
            " JOIN pupil_external_id other ON other.pupil_id = link.pupil_id AND other.base_id = link.base_id"
            " WHERE link.base_id = %s AND link.source = %s AND link.external_id = ANY(%s::text[])",
            [base_id, source, written_array(external_ids)],
        )
        return {row[0] for row in cursor.fetchall()} | set(external_ids)


def pupils_known_as(external_ids: Collection[str], *, base_id: int, source: str) -> dict[str, int]:
    """Whom of the register these ids of a base's source stand for; those nobody knows are left out."""
    return _links(base_id, list(external_ids), source=source)


def _links(base_id: int, external_ids: list[str], *, source: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT external_id, pupil_id FROM pupil_external_id"
            " WHERE base_id = %s AND source = %s AND external_id = ANY(%s::text[]) AND ended_at IS NULL",
            [base_id, source, written_array(external_ids)],
        )
        return dict(cursor.fetchall())


def _candidates(
    base_id: int,
    keys: Sequence[MatchKeys],
    *,
    source: str,
    on_roll: Collection[str] | None,
    claimed: Collection[int],
) -> dict[str, list[Candidate]]:
    """The pupils worth comparing; the decision itself is ``rules.match``'s."""
    upns = {each.external_id: upn for each in keys if (upn := as_key(each.upn))}
    by_birth = [each for each in keys if each.sex and _is_day(each.date_of_birth)]
    found: dict[str, list[Candidate]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            _CANDIDATES,
            {
                "base_id": base_id,
                "source": source,
                "may_attend": list(MAY_ATTEND),
                "own_sources": msgspec.json.encode(OWN_SOURCES).decode(),
                "upn_ids": written_array(upns),
                "upns": written_array(upns.values()),
                "birth_ids": written_array(each.external_id for each in by_birth),
                "births": written_array(each.date_of_birth for each in by_birth),
                "sexes": written_array(each.sex for each in by_birth),
                "families": written_array(fold(each.family_name) for each in by_birth),
                "givens": written_array(fold(each.given_name) for each in by_birth),
            },
        )
        for row in cursor.fetchall():
            *values, links = row[1:]
            is_taken = values[0] in claimed or any(
                is_on_roll(state) if on_roll is None else external_id in on_roll
                for external_id, state in links
            )
            names = Candidate.__struct_fields__
            found[row[0]].append(Candidate(**dict(zip(names, (*values, is_taken), strict=True))))
    return found


def _held_keys(row: Sequence[Any], last_seen: Iterable[MatchKeys]) -> HeldKeys:
    upns, born, family_names, given_names, sex = row
    seen = list(last_seen)
    return held_keys_from(
        upns=[as_key(upn) for upn in (*upns, *(each.upn for each in seen)) if upn],
        births=[born or "", *(each.date_of_birth for each in seen)],
        family_names=[name for name in (*family_names, *(each.family_name for each in seen)) if name],
        given_names=[name for name in (*given_names, *(each.given_name for each in seen)) if name],
        sexes=[sex or "", *(each.sex for each in seen)],
    )


def _keys(row: Sequence[str]) -> MatchKeys:
    external_id, upn, family_name, given_name, date_of_birth, sex = row
    return MatchKeys(
        external_id=external_id,
        upn=upn,
        family_name=family_name,
        given_name=given_name,
        date_of_birth=date_of_birth,
        sex=sex,
    )


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
