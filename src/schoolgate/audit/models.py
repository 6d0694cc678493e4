"""Who changed what, why and from where: plain ids, no foreign keys, never updated, never deleted early."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class RecordChange(models.Model):
    """One changed block of one pupil's record, written in the transaction that changed it.

    ``before`` and ``after`` hold only the items that differ for a group of one record, and all rows
    for a group of many. Marks are one compact patch a pupil, year and run:
    ``after`` = {"YYYY-MM-DD": ["old AM", "new AM", "old PM", "new PM"]}.

    ``at`` is when it was written here, ``read_at`` when the content was read at its source: what came late
    was read before what it met. It is null where nobody knows, and where there is no source.

    The table is in pieces (``partitions.py``): its primary key is (id, at), an id comes once by its sequence.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    pupil_id = models.BigIntegerField()
    group = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)  # added, changed, removed
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    base_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    file_id = models.BigIntegerField(null=True)
    task_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    rules = models.JSONField(null=True)  # the rule of each item written, where they are not all the reason's
    reason = models.CharField(max_length=60)  # rule or errand: "always import", "officer's edit"
    read_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=40, db_default="")  # of marks: which source of the base told them

    class Meta:
        db_table = "record_change"
        indexes = [
            models.Index(fields=["pupil_id", "group", "-id"], name="record_change_pupil"),
            models.Index(fields=["run_id"], name="record_change_run"),
            # Rows come in the order of their instants: the blocks' limits say as much as every row's place
            # would, and cost a landing next to nothing.
            BrinIndex(fields=["at"], name="record_change_when"),
        ]

    class Privacy:
        level = "special"
        kept = "as long as the pupil's record"


class Event(models.Model):
    """Something a person or the service did outside a pupil's record: ``room.subject.verb``."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    name = models.CharField(max_length=80)
    user_id = models.BigIntegerField(null=True)
    base_id = models.BigIntegerField(null=True)
    subject_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)  # ids, names of settings; never a secret, never a child's data

    class Meta:
        db_table = "audit_event"
        indexes = [models.Index(fields=["base_id", "-id"], name="audit_event_base")]

    class Privacy:
        level = "internal"
        kept = "seven years"
