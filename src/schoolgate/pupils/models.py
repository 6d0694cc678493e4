"""The register: one row a pupil, and one typed table for every data group.

The columns of a data group's table are made from its declaration (``schoolgate_message.groups``),
so that a data item is described once. Every row says which base and run wrote it and when. A group
whose scope is the pupil holds one record a pupil, a group at a base one a pupil and base.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from django.db import models

from schoolgate.pupils.folding import SORTED, derived_columns
from schoolgate_message import groups
from schoolgate_message.items import DataGroup, DataItem, ItemType, Scope


class Pupil(models.Model):
    """A child the authority holds a record of. The record's content is in the groups' tables."""

    id = models.BigAutoField(primary_key=True)
    created_at = models.DateTimeField()
    created_by_run = models.BigIntegerField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "pupil"

    class Privacy:
        level = "personal"
        kept = "until the pupil is 25"


class Provenance(models.Model):
    """Where a row came from."""

    base_id = models.BigIntegerField()
    run_id = models.BigIntegerField(null=True)
    written_at = models.DateTimeField()

    class Meta:
        abstract = True


class OneRecord(Provenance):
    """A group of which a pupil has one record."""

    pupil = models.OneToOneField(Pupil, on_delete=models.PROTECT, primary_key=True, related_name="+")

    class Meta:
        abstract = True


class ListRow(Provenance):
    """A row of a group of which a pupil has many; ``position`` counts from 1 in canonical order."""

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True


def _field(item: DataItem) -> Any:
    """The column of one data item; a value that is not known is null."""
    if item.type is ItemType.YES_NO:
        return models.BooleanField(item.label, null=True)
    if item.type is ItemType.NUMBER:
        return models.IntegerField(item.label, null=True)
    if item.type is ItemType.DATE:
        return models.DateField(item.label, null=True)
    if item.type is ItemType.DECIMAL:
        return models.DecimalField(item.label, null=True, max_digits=7, decimal_places=2)
    return models.CharField(item.label, null=True, max_length=item.max_length)


def _derived(name: str) -> Any:
    return models.TextField(null=True, db_collation="C" if name == SORTED else None)


def _model(class_name: str, group: DataGroup, *indexes: tuple[str, ...]) -> Any:
    """The table of one data group, named ``pupil_<group>``; types can't follow a class made here.

    A column made from the others (``folding.DERIVED``) is null where the release before wrote the row.
    """
    table = f"pupil_{group.name}"
    found = [models.Index(fields=each, name=f"{table}_{each[0]}"[:30]) for each in indexes]
    if group.is_list:
        key = ("pupil", "base_id") if group.scope is Scope.BASE else ("pupil",)
        found.append(models.Index(fields=key, name=f"{table}_of"[:30]))
    meta = type("Meta", (), {"db_table": table, "indexes": found})
    privacy = type("Privacy", (), {"level": group.sensitivity.name.lower(), "kept": "until the pupil is 25"})
    body: dict[str, object] = {item.name: _field(item) for item in group.items}
    body |= {name: _derived(name) for name in derived_columns(group)}
    body |= {"__module__": __name__, "__doc__": f"{group.label}.", "Meta": meta, "Privacy": privacy}
    return type(class_name, (ListRow if group.is_list else OneRecord,), body)


Identifiers = _model("Identifiers", groups.IDENTIFIERS, ("upn",), ("former_upn",))
BasicDetails = _model("BasicDetails", groups.BASIC_DETAILS, ("date_of_birth", "family_name"))
Address = _model("Address", groups.ADDRESS)
Communication = _model("Communication", groups.COMMUNICATIONS)
Contact = _model("Contact", groups.CONTACTS)
Enrolment = _model("Enrolment", groups.ENROLMENTS, ("base_id", "leaving_on"))
SenProvision = _model("SenProvision", groups.SEN_PROVISIONS)
SenNeed = _model("SenNeed", groups.SEN_NEEDS)
FreeSchoolMeals = _model("FreeSchoolMeals", groups.FREE_SCHOOL_MEALS)
EthnicityLanguage = _model("EthnicityLanguage", groups.ETHNICITY_LANGUAGE)
ServiceChild = _model("ServiceChild", groups.SERVICE_CHILD)
YoungCarer = _model("YoungCarer", groups.YOUNG_CARER)
LookedAfter = _model("LookedAfter", groups.LOOKED_AFTER)
Suspension = _model("Suspension", groups.SUSPENSIONS)
Attainment = _model("Attainment", groups.ATTAINMENT)

TABLES = MappingProxyType(
    {
        "identifiers": Identifiers,
        "basic_details": BasicDetails,
        "address": Address,
        "communications": Communication,
        "contacts": Contact,
        "enrolments": Enrolment,
        "sen_provisions": SenProvision,
        "sen_needs": SenNeed,
        "free_school_meals": FreeSchoolMeals,
        "ethnicity_language": EthnicityLanguage,
        "service_child": ServiceChild,
        "young_carer": YoungCarer,
        "looked_after": LookedAfter,
        "suspensions": Suspension,
        "attainment": Attainment,
    }
)
"""The table of every data group, by the group's name."""
