"""Remembers which pupil an external id stands for, and where on the base's roll it was last seen.

A link's beginning, its end and every change of the roll's state are audited in the same transaction; that an
id was merely seen is not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
from django.db import connection

from schoolgate.audit.actions import record_changes
from schoolgate.lib.bulk import copy_rows, written_array
from schoolgate.matching.occasions import LinkState, Occasion, change_of_link
from schoolgate.matching.rules import BY_PERSON, REASONS
from schoolgate_message.records import MatchKeys
from schoolgate_message.roll_states import ABSENT, LEAVER

_SEE_ROLL = (Path(__file__).parent / "sql" / "see_roll.sql").read_text(encoding="utf-8")
_COLUMNS = (
    "base_id",
    "source",
    "external_id",
    "pupil_id",
    "upn",
    "family_name",
    "given_name",
    "date_of_birth",
    "sex",
    "roll_state",
    "roll_read_at",
    "matched_by",
    "matched_at",
    "linked_by_run",
    "seen_run_id",
)
ROLL = "the school's roll"
NOT_NAMED = "not named by a complete roll"
SAID_BY_PERSON = "a person says so"


class NewLink(msgspec.Struct, frozen=True, kw_only=True):
    """An external id seen for the first time, the pupil it stands for and the rule that says so."""

    keys: MatchKeys
    pupil_id: int
    rule: str
    roll_state: str = ""


def link_pupils(links: Sequence[NewLink], *, on: Occasion) -> None:
    """Write the links of external ids that the base's source has not sent before, or whose link has ended."""
    rows = (
        (
            on.base_id,
            on.source,
            link.keys.external_id,
            link.pupil_id,
            link.keys.upn,
            link.keys.family_name,
            link.keys.given_name,
            link.keys.date_of_birth,
            link.keys.sex,
            link.roll_state,
            on.read_at,
            link.rule,
            on.now,
            on.run_id,
            on.run_id,
        )
        for link in links
    )
    with connection.cursor() as cursor:
        copy_rows(cursor, "pupil_external_id", _COLUMNS, rows)
    record_changes(
        change_of_link(
            link.pupil_id,
            "added",
            reason=REASONS[link.rule],
            before=None,
            after=LinkState(
                external_id=link.keys.external_id,
                source=on.source,
                rule=link.rule,
                roll_state=link.roll_state,
            ),
            on=on,
        )
        for link in links
    )


def end_links(
    external_ids: Collection[str], *, on: Occasion, why: str, by: int | None = None
) -> dict[str, int]:
    """End the living links of these ids and answer whom they stood for; they stay as history.

    ``why`` is such as ``rules.OTHER_CHILD``; ``by`` the person who decided it, if one did.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pupil_external_id SET ended_at = %s, ended_why = %s, ended_by_run = %s, ended_by = %s"
            " WHERE base_id = %s AND source = %s AND external_id = ANY(%s::text[]) AND ended_at IS NULL"
            " RETURNING external_id, pupil_id, matched_by, roll_state",
            [on.now, why, on.run_id, by, on.base_id, on.source, written_array(external_ids)],
        )
        ended = cursor.fetchall()
    record_changes(
        change_of_link(
            pupil_id,
            "ended",
            reason=why,
            before=LinkState(external_id=external_id, source=on.source, rule=rule, roll_state=state),
            after=LinkState(external_id=external_id, source=on.source, ended_why=why),
            on=on,
            by=by,
        )
        for external_id, pupil_id, rule, state in ended
    )
    return {external_id: pupil_id for external_id, pupil_id, _, _ in ended}


def confirm_links(external_ids: Collection[str], *, on: Occasion, by: int | None) -> None:
    """Note that a person has said of these ids that the pupil they stand for is the right one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pupil_external_id link SET matched_by = %s, matched_at = %s, linked_by_run = %s"
            " FROM pupil_external_id before"
            " WHERE before.base_id = %s AND before.source = %s AND before.external_id = ANY(%s::text[])"
            " AND before.ended_at IS NULL AND link.id = before.id"
            " RETURNING link.pupil_id, link.external_id, before.matched_by",
            [BY_PERSON, on.now, on.run_id, on.base_id, on.source, written_array(external_ids)],
        )
        confirmed = cursor.fetchall()
    record_changes(
        change_of_link(
            pupil_id,
            "changed",
            reason=REASONS[BY_PERSON],
            before=LinkState(external_id=external_id, source=on.source, rule=rule),
            after=LinkState(external_id=external_id, source=on.source, rule=BY_PERSON),
            on=on,
            by=by,
        )
        for pupil_id, external_id, rule in confirmed
    )


def refresh_keys(keys: Sequence[MatchKeys], *, base_id: int, source: str) -> None:
    """Keep the match keys as last sent beside external ids that are known already."""
    if not keys:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pupil_external_id link SET upn = sent.upn, family_name = sent.family_name,"
            " given_name = sent.given_name, date_of_birth = sent.date_of_birth, sex = sent.sex"
            " FROM json_to_recordset(%s::json) AS sent (external_id text, upn text, family_name text,"
            " given_name text, date_of_birth text, sex text)"
            " WHERE link.base_id = %s AND link.source = %s AND link.external_id = sent.external_id"
            " AND link.ended_at IS NULL",
            [msgspec.json.encode(keys).decode(), base_id, source],
        )


def see_roll(states: Mapping[str, str], *, on: Occasion) -> None:
    """Note the roll state of every pupil that a roll names, and that this run has seen it."""
    if not states:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _SEE_ROLL,
            {
                "states": msgspec.json.encode(states).decode(),
                "base_id": on.base_id,
                "source": on.source,
                "run_id": on.run_id,
                "read_at": on.read_at or on.now,
            },
        )
        changed = cursor.fetchall()
    _record_states(changed, reason=ROLL, on=on)


def mark_absent(external_ids: Collection[str], *, on: Occasion) -> None:
    """Note that a complete roll no longer names these pupils. Nothing of their record ends by it."""
    _put_in_state(external_ids, ABSENT, reason=NOT_NAMED, on=on)


def mark_left(external_ids: Collection[str], *, on: Occasion, by: int | None) -> list[int]:
    """Note that a person says these pupils have left; answers who they are. Of their record nothing ends."""
    return _put_in_state(external_ids, LEAVER, reason=SAID_BY_PERSON, on=on, by=by)


def _put_in_state(
    external_ids: Collection[str], state: str, *, reason: str, on: Occasion, by: int | None = None
) -> list[int]:
    if not external_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pupil_external_id link SET roll_state = %s, roll_read_at = %s"
            " FROM pupil_external_id before"
            " WHERE before.base_id = %s AND before.source = %s AND before.external_id = ANY(%s::text[])"
            " AND before.ended_at IS NULL AND before.roll_state <> %s AND link.id = before.id"
            " RETURNING link.pupil_id, link.external_id, before.roll_state, link.roll_state",
            [state, on.read_at or on.now, on.base_id, on.source, written_array(external_ids), state],
        )
        changed = cursor.fetchall()
    _record_states(changed, reason=reason, on=on, by=by)
    return [pupil_id for pupil_id, *_ in changed]


def _record_states(
    changed: Iterable[tuple[int, str, str, str]], *, reason: str, on: Occasion, by: int | None = None
) -> None:
    record_changes(
        [
            change_of_link(
                pupil_id,
                "changed",
                reason=reason,
                before=LinkState(external_id=external_id, source=on.source, roll_state=before),
                after=LinkState(external_id=external_id, source=on.source, roll_state=after),
                on=on,
                by=by,
            )
            for pupil_id, external_id, before, after in changed
        ]
    )
