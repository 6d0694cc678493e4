"""The schools the authority exchanges with, and how each is reached."""

from __future__ import annotations

from django.db import models


class Mis(models.TextChoices):
    """The management information system a base uses."""

    SIMS_7 = "sims7", "SIMS 7"
    SIMS_PRIMARY = "sims_primary", "SIMS Primary"


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


class Connection(models.Model):
    """A base's connection to its MIS: for SIMS Primary the seed's four settings.

    ``secret`` and ``subscription_key`` are sealed (``lib.sealed``) with the base's id as associated
    data; they are opened only by ``bases.queries.credentials_for`` and never shown.
    """

    base = models.OneToOneField(Base, on_delete=models.PROTECT, related_name="connection")
    client_id = models.CharField("Client ID", max_length=200)
    secret = models.TextField()
    subscription_key = models.TextField()
    organisation_id = models.CharField("Organisation ID", max_length=60)
    token_url = models.CharField(max_length=300, blank=True)  # empty = the connector's default
    api_url = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)  # rises with every change
    changed_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True)
    test_outcome = models.CharField(max_length=40, blank=True)  # "works" or a code of the connector's
    test_sentence = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "base_connection"

    class Privacy:
        level = "internal"
        kept = "as long as the base"
        fields = {"secret": "secret", "subscription_key": "secret"}
