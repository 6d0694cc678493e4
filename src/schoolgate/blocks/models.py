"""The hash cache and the outstanding list."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class CachedHashes(models.Model):
    """What of a pupil is known to have landed from a source of a base: one row, a hash a data group.

    ``hashes[n]`` and ``outcomes[n]`` belong to the group with ``number`` n (PostgreSQL counts from
    1); null = forgotten or never landed. Outcome: w written, u unchanged, i ignored, s unheard,
    o other source.
    ``read_at[n]`` is when the source was read for what last landed of the group from here; it outlives a
    hash that is forgotten, and null says that this source never said anything of the group.
    """

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey("bases.Base", on_delete=models.CASCADE, related_name="+", db_index=False)
    pupil = models.ForeignKey("pupils.Pupil", on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=40, db_default="")
    hashes = ArrayField(models.UUIDField(null=True), size=32)
    outcomes = ArrayField(models.CharField(max_length=1, null=True), size=32)
    read_at = ArrayField(models.DateTimeField(null=True), size=32, null=True)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "block_hash"
        constraints = [
            models.UniqueConstraint(fields=["base", "pupil", "source"], name="block_hash_of_source")
        ]

    class Privacy:
        level = "internal"
        kept = "as the System defaults say"


class PageHash(models.Model):
    """A page of a source of which every block landed: the first and cheapest tier of sifting.

    ``signature`` names the request (domain, cohort, page size, mapping version), ``page`` counts
    from 1, ``counts`` is what the page carried (``rules.PageCounts``), ``pupils`` the external ids on
    it. Forgetting any hash of the base's ``groups`` deletes the row.
    """

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey("bases.Base", on_delete=models.CASCADE, related_name="+", db_index=False)
    signature = models.CharField(max_length=120)
    page = models.PositiveIntegerField()
    digest = models.UUIDField()
    groups = ArrayField(models.CharField(max_length=40))
    counts = models.JSONField(default=dict)
    pupils = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        db_table = "page_hash"
        constraints = [models.UniqueConstraint(fields=["base", "signature", "page"], name="page_hash_once")]

    class Privacy:
        level = "internal"
        kept = "as the System defaults say"


class ProposedPage(models.Model):
    """A page read by a run that has not landed yet: becomes a ``PageHash`` when all of it has.

    Forgetting a hash deletes it as well, so that no page is remembered over a block that was forgotten
    while the run was under way.
    """

    id = models.BigAutoField(primary_key=True)
    run_id = models.BigIntegerField()
    base = models.ForeignKey("bases.Base", on_delete=models.CASCADE, related_name="+")
    signature = models.CharField(max_length=120)
    page = models.PositiveIntegerField()
    digest = models.UUIDField()
    groups = ArrayField(models.CharField(max_length=40))
    counts = models.JSONField(default=dict)
    pupils = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        db_table = "page_proposed"
        constraints = [
            models.UniqueConstraint(fields=["run_id", "signature", "page"], name="page_proposed_once")
        ]

    class Privacy:
        level = "internal"
        kept = "until the run ends"


class Outstanding(models.Model):
    """A block that came from a source and did not land: that source is asked for it by id in the next run."""

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey("bases.Base", on_delete=models.CASCADE, related_name="+")
    source = models.CharField(max_length=40, db_default="")
    external_id = models.CharField(max_length=60)
    group = models.CharField(max_length=40)
    code = models.CharField(max_length=60)
    since_at = models.DateTimeField()
    run_id = models.BigIntegerField(null=True)  # null: no run, a person's decision made it so

    class Meta:
        db_table = "block_outstanding"
        constraints = [
            models.UniqueConstraint(
                fields=["base", "source", "external_id", "group"], name="block_outstanding_of_source"
            )
        ]

    class Privacy:
        level = "internal"
        kept = "until the block lands"
