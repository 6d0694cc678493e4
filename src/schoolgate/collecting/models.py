"""What collecting keeps: pages read and not yet in a file, turns at a source, officers' settings."""

from __future__ import annotations

from django.db import models


class StagedPage(models.Model):
    """A page a run has read: its checkpoint. Gone once the run has made its file or ended.

    ``body`` is the page, zlib; empty for a page whose bytes are known to have landed before.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey("runs.Run", on_delete=models.CASCADE, related_name="+", db_index=False)
    reading = models.CharField(max_length=120)
    page = models.PositiveIntegerField()
    link = models.TextField()
    next_link = models.TextField(blank=True)  # empty = the last page
    digest = models.UUIDField()
    size = models.PositiveIntegerField()  # bytes as read
    body = models.BinaryField(null=True)
    read_at = models.DateTimeField()

    class Meta:
        db_table = "staged_page"
        constraints = [models.UniqueConstraint(fields=["run", "reading", "page"], name="staged_page_once")]

    class Privacy:
        level = "special"
        kept = "until the run has made its file or ended"


class SourceTurn(models.Model):
    """Whose turn it is at a source, for everybody who shares its allowance: the shared limiter.

    ``key`` is a digest of the API's address and of what is shared (a subscription key), never that itself.
    """

    key = models.CharField(max_length=64, primary_key=True)
    next_at = models.DateTimeField()
    paused_until = models.DateTimeField()
    calls = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "source_turn"

    class Privacy:
        level = "internal"
        kept = "always"


class SourceLimit(models.Model):
    """How many calls a second an address of a MIS allows, where its connector takes it for otherwise."""

    mis = models.CharField("MIS", max_length=20)
    api_url = models.CharField("API address", max_length=300)
    calls_per_second = models.FloatField("Calls a second")
    changed_at = models.DateTimeField()
    changed_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "source_limit"
        constraints = [models.UniqueConstraint(fields=["mis", "api_url"], name="source_limit_once")]

    class Privacy:
        level = "internal"
        kept = "always"


class SourceSetting(models.Model):
    """An administrator's own value for something that a MIS's connector takes for granted."""

    mis = models.CharField("MIS", max_length=20)
    name = models.CharField(max_length=60)
    value = models.CharField(max_length=300)
    changed_at = models.DateTimeField()
    changed_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "source_setting"
        constraints = [models.UniqueConstraint(fields=["mis", "name"], name="source_setting_once")]

    class Privacy:
        level = "internal"
        kept = "always"


class MappingOverride(models.Model):
    """Where a data item of a MIS really comes from, where the shipped mapping is wrong about it."""

    id = models.BigAutoField(primary_key=True)
    mis = models.CharField("MIS", max_length=20)
    domain = models.CharField(max_length=60)
    group = models.CharField(max_length=40)
    item = models.CharField(max_length=40)
    field = models.CharField(max_length=120, blank=True)  # empty, and no constant = left out
    words = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    constant = models.CharField(max_length=60, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "mapping_override"
        constraints = [
            models.UniqueConstraint(fields=["mis", "domain", "group", "item"], name="mapping_override_of_mis")
        ]

    class Privacy:
        level = "internal"
        kept = "always"
