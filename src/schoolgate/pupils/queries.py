"""Reads the register: content for comparing, whole records for a person to see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from schoolgate.accounts.scopes import Scope
from schoolgate.pupils.columns import by_pupil, content_of, select_of
from schoolgate.pupils.folding import NAME_ORDER
from schoolgate.pupils.models import TABLES, BasicDetails, Enrolment, Identifiers, Pupil
from schoolgate_message import groups
from schoolgate_message.blocks import Content
from schoolgate_message.items import DataGroup
from schoolgate_message.items import Scope as StatedOf


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


def linked(scope: Scope, by: str = "pk") -> Q:
    """Which pupils a scope holds; ``by`` leads from a row to its pupil.

    Those with an enrolment at one of its bases, ended or not: a school answers for its leavers, too. Beside
    them those whose name or number one of its bases sent, for a pupil may arrive before the enrolment does.
    """
    if scope.base_ids is None:
        return Q()
    told = Q()
    for table in (Enrolment, BasicDetails, Identifiers):
        # Asked row by row or hashed at once, as the planner finds better for one pupil or for all.
        told |= Q(Exists(scope.narrow(table.objects.filter(pupil_id=OuterRef(by)))))
    return told


def seen(scope: Scope) -> QuerySet[Pupil]:
    """The pupils a scope holds."""
    return Pupil.objects.filter(linked(scope))


def whole_record(scope: Scope, pupil_id: int) -> list[HeldGroup]:
    """Everything held of one pupil, in the groups' order; a group at several bases once for each.

    What is stated of the pupil stands whoever sent it; what is stated of the pupil at a base, only of the
    bases of the scope.
    """
    found: list[HeldGroup] = []
    for group in groups.GROUPS:
        written = TABLES[group.name].objects.filter(pupil_id=pupil_id)
        if group.scope is StatedOf.BASE:
            written = scope.narrow(written)
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


def names_of(scope: Scope, pupil_ids: Collection[int]) -> dict[int, str]:
    """Given and family name as shown beside an exception or a change, of the pupils a scope holds."""
    found = BasicDetails.objects.filter(linked(scope, "pupil_id"), pupil_id__in=list(pupil_ids))
    return {
        pupil_id: " ".join(part for part in names if part)
        for pupil_id, *names in found.values_list("pupil_id", "given_name", "family_name")
    }


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PupilLine:
    """A pupil in a list: who it is, and at which bases with which year on the day that was asked for."""

    pupil_id: int
    family_name: str
    given_name: str
    date_of_birth: date | None
    upn: str
    nc_year: str
    base_ids: tuple[int, ...]


def lines(scope: Scope, pupil_ids: Collection[int], *, today: date) -> list[PupilLine]:
    """The pupils a scope holds, in the order given, few queries whatever their number; no base outside."""
    wanted = list(pupil_ids)
    if scope.is_limited:
        held = set(seen(scope).filter(pk__in=wanted).values_list("pk", flat=True))
        wanted = [pupil_id for pupil_id in wanted if pupil_id in held]
    details = BasicDetails.objects.filter(pupil_id__in=wanted)
    columns = ("pupil_id", "family_name", "given_name", "date_of_birth")
    names = {row["pupil_id"]: row for row in details.values(*columns)}
    upns = dict(Identifiers.objects.filter(pupil_id__in=wanted).values_list("pupil_id", "upn"))
    places: dict[int, list[tuple[int, str]]] = {}
    enrolled = scope.narrow(Enrolment.objects.filter(on_roll(today), pupil_id__in=wanted))
    for pupil_id, base_id, nc_year in enrolled.values_list("pupil_id", "base_id", "nc_year"):
        places.setdefault(pupil_id, []).append((base_id, nc_year or ""))
    return [
        _line(pupil_id, names.get(pupil_id, {}), upns.get(pupil_id), places.get(pupil_id, []))
        for pupil_id in wanted
    ]


def _line(
    pupil_id: int, details: dict[str, Any], upn: str | None, places: list[tuple[int, str]]
) -> PupilLine:
    return PupilLine(
        pupil_id=pupil_id,
        family_name=details.get("family_name") or "",
        given_name=details.get("given_name") or "",
        date_of_birth=details.get("date_of_birth"),
        upn=upn or "",
        nc_year=next((nc_year for _, nc_year in places if nc_year), ""),
        base_ids=tuple(sorted({base_id for base_id, _ in places})),
    )


def on_roll(today: date) -> Q:
    """Which enrolments a pupil has not left by; the day of leaving is one of them."""
    return Q(leaving_on=None) | Q(leaving_on__gte=today)


def roll_of(scope: Scope, base_id: int, *, today: date) -> QuerySet[Any]:
    """Ids of the pupils on roll at a base, by name."""
    enrolled = scope.narrow(Enrolment.objects.filter(on_roll(today), base_id=base_id))
    found = BasicDetails.objects.filter(pupil_id__in=enrolled.values("pupil_id"))
    ordered: QuerySet[Any] = found.order_by(*NAME_ORDER)
    return ordered.values_list("pupil_id", flat=True)
