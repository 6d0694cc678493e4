"""What waits for a person: one entry a base and cause, and in it what waits, pupil by pupil."""

from __future__ import annotations

from django.db import models

from schoolgate.holding.states import STANDING, EntryState, ItemState


class HeldEntry(models.Model):
    """One cause at one base, from the first pupil it waits for until the last is decided."""

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey("bases.Base", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    state = models.CharField(max_length=10, default=EntryState.OPEN.value)
    opened_at = models.DateTimeField()
    last_run_id = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)  # who decided the last of it; null where nobody did
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "held_entry"
        constraints = [
            models.UniqueConstraint(
                fields=["base", "code"],
                condition=models.Q(state=EntryState.OPEN.value),
                name="held_entry_open_once",
            )
        ]
        indexes = [models.Index(fields=["-closed_at"], name="held_entry_closed")]

    class Privacy:
        level = "internal"
        kept = "seven years"
        fields = {"reason": "personal"}


class HeldItem(models.Model):
    """A block, a delete, marks or an absence of one pupil, as the source sent it.

    ``content`` and ``keys`` are emptied once it is decided; the digest stays, so that what was refused is
    known again. ``release_run_id`` is the run that is to land it, or has.
    """

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(HeldEntry, on_delete=models.PROTECT, related_name="items")
    base = models.ForeignKey("bases.Base", on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=60)
    group = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=10)
    content = models.TextField(blank=True)
    digest = models.UUIDField()
    keys = models.JSONField(default=dict)
    read_at = models.DateTimeField()
    since_at = models.DateTimeField()
    run_id = models.BigIntegerField(null=True)
    pupil = models.ForeignKey("pupils.Pupil", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, default=ItemState.WAITING.value)
    decision = models.CharField(max_length=20, blank=True)
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    release_run_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "held_item"
        constraints = [
            models.UniqueConstraint(
                fields=["base", "source", "external_id", "group"],
                condition=models.Q(state__in=STANDING),
                name="held_item_standing_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["release_run_id"],
                condition=models.Q(release_run_id__isnull=False),
                name="held_item_release",
            )
        ]

    class Privacy:
        level = "special"
        kept = "content and keys until decided, the rest seven years, a refusal until the source changes it"
