"""Scheduled tasks: what to collect, for whom, when."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from schoolgate.tasks.kinds import TransferType
from schoolgate_message.data_types import DataType


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
        "Transfer Type",
        max_length=20,
        choices=[(each.value, each.label) for each in TransferType],
        default=TransferType.EXPORT.value,
    )
    data_type = models.CharField(max_length=40, choices=[(each.value, each.label) for each in DataType])
    kind = models.CharField(max_length=20, default="sims_primary")  # a Mis value: who can carry it out
    nc_years = ArrayField(models.CharField(max_length=2), default=list, blank=True)  # empty = all
    is_looked_after_only = models.BooleanField("Looked After", default=False, db_default=False)
    is_leavers = models.BooleanField("Leavers", default=False, db_default=False)
    leaver_months = models.PositiveSmallIntegerField("Month filter", null=True, blank=True)
    is_historic_send_left_out = models.BooleanField("Historic SEND", default=False, db_default=False)
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
    repeat_minutes = models.PositiveSmallIntegerField(null=True, blank=True)  # between repeats within a day
    repeat_until = models.TimeField(null=True, blank=True)
    window_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)  # the random window per base
    twin_of = models.ForeignKey(  # the SIMS 7 task whose migrated bases this SIMS Primary task carries on
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="twins"
    )
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "scheduled_task"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["twin_of"], name="scheduled_task_one_twin"),
        ]

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
    state = models.CharField(max_length=10, default="active", db_default="active")  # a MembershipState
    next_due_at = models.DateTimeField(null=True, db_index=True)  # null = not planned
    pending_reason = models.CharField(max_length=60, blank=True)  # code of tasks.states; empty = Queued

    class Meta:
        db_table = "task_membership"
        constraints = [models.UniqueConstraint(fields=["task", "base"], name="task_membership_once")]

    class Privacy:
        level = "internal"
        kept = "as long as the task"


class BlackoutKind(models.TextChoices):
    """Why nothing is collected."""

    HOLIDAY = "holiday", "Holiday"
    CLOSURE = "closure", "Closure"


class Blackout(models.Model):
    """Days on which nothing is due: for the whole authority, or for one base.

    ``until_on`` is the first day on which tasks are due again.
    """

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey(
        "bases.Base", on_delete=models.CASCADE, null=True, blank=True, related_name="blackouts"
    )
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=BlackoutKind.choices, default=BlackoutKind.HOLIDAY)
    from_on = models.DateField()
    until_on = models.DateField()

    class Meta:
        db_table = "blackout"
        ordering = ["from_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_on__gt=models.F("from_on")), name="blackout_has_days"
            )
        ]

    class Privacy:
        level = "internal"
        kept = "until deleted by an officer"

    def __str__(self) -> str:
        return self.name
