"""The schools the authority exchanges with, and how each is reached."""

from __future__ import annotations

from functools import cache

from django.db import models

from schoolgate.bases.rules import counting_connection
from schoolgate.connectors import registry
from schoolgate_message.source_keys import source_key


class Mis(models.TextChoices):
    """The management information system a base uses."""

    SIMS_7 = "sims7", "SIMS 7"
    SIMS_PRIMARY = "sims_primary", "SIMS Primary"


@cache
def source_of(mis: str) -> str:
    """The key of a MIS's source: what its messages call it, shortened."""
    return source_key(str(Mis(mis).label))


OWN_SOURCES = {each.value: source_of(each) for each in Mis}
"""The key of the source of every MIS."""


class Base(models.Model):
    """A school. ``dfe_number`` is LA + 4 digits; ids are our own, so a renumbering is one edit."""

    id = models.BigAutoField(primary_key=True)
    dfe_number = models.CharField("DfE number", max_length=7, unique=True)
    urn = models.CharField("URN", max_length=6, blank=True)
    name = models.CharField(max_length=120)
    sort_name = models.TextField(db_default="", db_collation="C", editable=False)  # what lists sort by
    phase = models.CharField(max_length=40, blank=True)
    contact_name = models.CharField(max_length=120, blank=True)
    contact_email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=35, blank=True)
    address = models.CharField(max_length=300, blank=True)
    mis = models.CharField("MIS", max_length=20, choices=Mis.choices, default=Mis.SIMS_7)
    moved_to_sims_primary_at = models.DateTimeField(null=True, blank=True)  # start of change tracking
    is_active = models.BooleanField(default=True)
    is_locked = models.BooleanField(default=False)  # tasks locked to school use only

    class Meta:
        db_table = "base"
        ordering = ["sort_name", "name"]

    class Privacy:
        level = "public"
        kept = "always"
        fields = {"contact_name": "personal", "contact_email": "personal"}

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> str:
        """The key of the base's own source, its MIS."""
        return source_of(self.mis)

    @property
    def connection(self) -> Connection | None:
        """The connection that counts, its secrets sealed: that of its own MIS, or before its move that of
        the MIS it will move to. Whoever has many bases prefetches ``connections``.
        """
        kept = {each.mis: each for each in self.connections.all()}
        changed_at = {mis: each.changed_at for mis, each in kept.items()}
        mis = counting_connection(self.mis, changed_at, is_collected=registry.collects(self.mis))
        return kept[mis] if mis else None


class Connection(models.Model):
    """A base's connection to one MIS: the settings that the MIS's connector declares, by name.

    ``plain`` holds texts; ``sealed`` holds what is secret, sealed (``lib.sealed``) with base, MIS and name
    as associated data. They are opened only by ``bases.queries.credentials_for`` and never shown.
    """

    base = models.ForeignKey(Base, on_delete=models.PROTECT, related_name="connections")
    mis = models.CharField("MIS", max_length=20)
    plain = models.JSONField(default=dict)
    sealed = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)  # rises with every change
    changed_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    test_outcome = models.CharField(max_length=40, blank=True)  # "works" or a code of the connector's
    test_sentence = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "base_connection"
        constraints = [models.UniqueConstraint(fields=["base", "mis"], name="base_connection_once")]

    class Privacy:
        level = "internal"
        kept = "as long as the base"
        fields = {"sealed": "secret"}
