"""Scheduled tasks: what to collect, for whom, when."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class TransferType(models.TextChoices):
    """Which way the data flow."""

    EXPORT_FROM_SCHOOL = "export", "Export from School"


class TaskDataType(models.TextChoices):
    """What is collected; the values are those of ``schoolgate_message.data_types``."""

    SNAPSHOT = "snapshot", "Snapshot Data"
    CHANGED_DATA = "changed_data", "Changed Data"
    ATTENDANCE_CHANGED_DATA = "attendance_changed_data", "Attendance Changed Data (SIMS Primary)"


class Owner(models.TextChoices):
    """Who looks after a task."""

    LA = "la", "LA"
    SCHOOL = "school", "School"


class Frequency(models.TextChoices):
    """How often a task is due."""

    ONCE = "once", "Once"
    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"


class ScheduledTask(models.Model):
    """One task over one base or a group of bases. Times of day are Europe/London wall clock."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField("Task Name", max_length=100)
    transfer_type = models.CharField(
        "Transfer Type", max_length=20, choices=TransferType.choices, default=TransferType.EXPORT_FROM_SCHOOL
    )
    data_type = models.CharField(max_length=40, choices=TaskDataType.choices)
    kind = models.CharField(max_length=20, default="sims_primary")  # a Mis value: who can carry it out
    nc_years = ArrayField(models.CharField(max_length=2), default=list, blank=True)  # empty = all
    is_active = models.BooleanField("Active", default=True)
    owner = models.CharField(max_length=10, choices=Owner.choices, default=Owner.LA)
    is_locked = models.BooleanField(default=False)
    frequency = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.WEEKLY)
    starts_on = models.DateField()
    start_time = models.TimeField()
    weekdays = ArrayField(models.SmallIntegerField(), default=list, blank=True)  # 0 Monday ... 6 Sunday
    months = ArrayField(models.SmallIntegerField(), default=list, blank=True)
    month_day = models.SmallIntegerField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "scheduled_task"
        ordering = ["name", "id"]

    class Privacy:
        level = "internal"
        kept = "until deleted by an officer"

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A base's place on a task: its next occurrence, or the reason why it is Pending."""

    id = models.BigAutoField(primary_key=True)
    task = models.ForeignKey(ScheduledTask, on_delete=models.CASCADE, related_name="memberships")
    base = models.ForeignKey("bases.Base", on_delete=models.PROTECT, related_name="memberships")
    next_due_at = models.DateTimeField(null=True, db_index=True)  # null = not planned
    pending_reason = models.CharField(max_length=60, blank=True)  # code of tasks.states; empty = Queued

    class Meta:
        db_table = "task_membership"
        constraints = [models.UniqueConstraint(fields=["task", "base"], name="task_membership_once")]

    class Privacy:
        level = "internal"
        kept = "as long as the task"
