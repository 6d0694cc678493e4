"""Which pupil a base's external id stands for."""

from __future__ import annotations

from django.db import models


class ExternalId(models.Model):
    """A base's id for a pupil, remembered after the first match, with the keys last seen beside it.

    ``external_id`` is the source's own id (often a GUID); ``roll_state`` is Current,
    Leaver or Future as last read; ``matched_by`` names the rule (external id, upn, identity, added).
    """

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey("bases.Base", on_delete=models.PROTECT, related_name="+", db_index=False)
    external_id = models.CharField(max_length=60)
    pupil = models.ForeignKey("pupils.Pupil", on_delete=models.PROTECT, related_name="external_ids")
    upn = models.CharField(max_length=13, blank=True)
    family_name = models.CharField(max_length=35, blank=True)
    given_name = models.CharField(max_length=35, blank=True)
    date_of_birth = models.CharField(max_length=10, blank=True)
    sex = models.CharField(max_length=10, blank=True)
    roll_state = models.CharField(max_length=10, blank=True)
    matched_by = models.CharField(max_length=20)
    matched_at = models.DateTimeField()
    seen_run_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "pupil_external_id"
        constraints = [models.UniqueConstraint(fields=["base", "external_id"], name="pupil_external_id_once")]

    class Privacy:
        level = "personal"
        kept = "as long as the pupil's record"


class Claim(models.Model):
    """A pupil that a landing is about to look for: whoever looks for the same child waits.

    Two schools that send the same new child at the same moment would otherwise each add it. Rows go
    in the statement after the one that wrote them; what holds the other landing back is the index,
    until the transaction ends. ``key`` is a hash of a UPN, or of birthday, sex and names.
    """

    key = models.UUIDField(primary_key=True)

    class Meta:
        db_table = "match_claim"

    class Privacy:
        level = "personal"
        kept = "never beyond a transaction"
