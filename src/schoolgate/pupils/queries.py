"""Reads the register: content for comparing, whole records for a person to see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import connection

from schoolgate.pupils.columns import by_pupil, content_of, select_of
from schoolgate.pupils.models import TABLES
from schoolgate_message import groups
from schoolgate_message.blocks import Content
from schoolgate_message.items import DataGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldGroup:
    """What the register holds of one data group of a pupil, and where that came from."""

    group: DataGroup
    base_id: int
    run_id: int | None
    written_at: datetime
    content: Content


def existing_blocks(group: DataGroup, pupil_ids: Collection[int], base_id: int) -> dict[int, Content]:
    """The canonical content of one group for a set of pupils, by pupil; those without any left out.

    ``base_id`` matters only to a group that states facts of a pupil at a base.
    """
    if not pupil_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(select_of(group), {"pupil_ids": list(pupil_ids), "base_id": base_id})
        rows = cursor.fetchall()
    if group.is_list:
        split = groupby(rows, key=by_pupil)
        return {pupil_id: content_of(group, [row[1:] for row in each]) for pupil_id, each in split}
    return {row[0]: content_of(group, [row[1:]]) for row in rows}


def whole_record(pupil_id: int) -> list[HeldGroup]:
    """Everything held of one pupil, in the groups' order; a group at several bases once for each."""
    found: list[HeldGroup] = []
    for group in groups.GROUPS:
        written = TABLES[group.name].objects.filter(pupil_id=pupil_id)
        sources = written.values_list("base_id").order_by("base_id").distinct()
        for (base_id,) in sources:
            latest = written.filter(base_id=base_id).latest("written_at")
            content = existing_blocks(group, [pupil_id], base_id).get(pupil_id)
            if content is not None:
                found.append(
                    HeldGroup(
                        group=group,
                        base_id=base_id,
                        run_id=latest.run_id,
                        written_at=latest.written_at,
                        content=content,
                    )
                )
    return found


def names_of(pupil_ids: Collection[int]) -> dict[int, str]:
    """Given and family name as shown beside an exception or a change."""
    found = existing_blocks(groups.BASIC_DETAILS, pupil_ids, 0)
    return {pupil_id: _name(content) for pupil_id, content in found.items()}


def _name(content: Content) -> str:
    if not isinstance(content, dict):
        return ""
    parts = (content.get("given_name"), content.get("family_name"))
    return " ".join(str(part) for part in parts if part)


def registrations_of(pupil_ids: Collection[int]) -> dict[tuple[int, int], tuple[str, str]]:
    """How pupils are registered where they have not left: enrolment status and entry date, by pupil and base.

    Of several open enrolments the newest counts; a row of the school's history about another school doesn't.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (pupil_id, base_id) pupil_id, base_id, coalesce(enrolment_status, ''),"
            " coalesce(to_char(entry_on, 'YYYY-MM-DD'), '')"
            " FROM pupil_enrolments JOIN base ON base.id = base_id"
            " WHERE pupil_id = ANY(%s) AND leaving_on IS NULL"
            " AND coalesce(school_dfe_number, dfe_number) = dfe_number"
            " ORDER BY pupil_id, base_id, entry_on DESC NULLS LAST",
            [list(pupil_ids)],
        )
        return {(pupil_id, base_id): (status, entry_on) for pupil_id, base_id, status, entry_on in cursor}


def writers_of(group: DataGroup, pupil_ids: Collection[int]) -> dict[int, int]:
    """Which base's word the register holds of a group that is one record, by pupil."""
    found = TABLES[group.name].objects.filter(pupil_id__in=list(pupil_ids))
    return dict(found.values_list("pupil_id", "base_id"))
