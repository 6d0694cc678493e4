"""Which pupil a base's external id stands for."""

from __future__ import annotations

from django.db import models


class ExternalId(models.Model):
    """A source's id for a pupil of a base, remembered after the first match, with the keys last seen.

    ``external_id`` is the source's own id (often a GUID) and means something only together with
    ``base`` and ``source`` (a key, see ``schoolgate_message.source_keys``). ``roll_state`` is as last read
    (``schoolgate_message.roll_states``); ``matched_by`` names the rule (upn, identity, person, added),
    ``linked_by_run`` the run that applied it. A link that has ended says why and by whom, and stays: the
    same id may then be linked anew.
    """

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey("bases.Base", on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=40, db_default="")
    external_id = models.CharField(max_length=60)
    pupil = models.ForeignKey("pupils.Pupil", on_delete=models.PROTECT, related_name="external_ids")
    upn = models.CharField(max_length=13, blank=True)
    family_name = models.CharField(max_length=35, blank=True)
    given_name = models.CharField(max_length=35, blank=True)
    date_of_birth = models.CharField(max_length=10, blank=True)
    sex = models.CharField(max_length=10, blank=True)
    roll_state = models.CharField(max_length=10, blank=True)
    roll_read_at = models.DateTimeField(null=True)  # when the roll that says so was read at the source
    matched_by = models.CharField(max_length=20)
    matched_at = models.DateTimeField()
    linked_by_run = models.BigIntegerField(null=True)
    seen_run_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=30, blank=True, db_default="")
    ended_by_run = models.BigIntegerField(null=True)
    ended_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "pupil_external_id"
        constraints = [
            models.UniqueConstraint(
                fields=["base", "source", "external_id"],
                condition=models.Q(ended_at=None),
                name="pupil_external_id_living",
            )
        ]

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
