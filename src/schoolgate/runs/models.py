"""Runs: one base, one task (or none), one execution; their accounts, exceptions and the task log."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from schoolgate.runs.states import ACTIVE, FIRST, Origin


class Run(models.Model):
    """One execution for one base. The row is the truth, the job engine only carries it out."""

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey("bases.Base", on_delete=models.PROTECT, related_name="runs")
    task = models.ForeignKey("tasks.ScheduledTask", on_delete=models.SET_NULL, null=True, related_name="runs")
    task_name = models.CharField(max_length=100, blank=True)  # as it was; origin's words without a task
    is_of_task = models.BooleanField(default=False, db_default=False)  # even where the task is deleted since
    origin = models.CharField(max_length=12, choices=[(each.value, each.label) for each in Origin])
    data_type = models.CharField(max_length=40)
    nc_years = ArrayField(models.CharField(max_length=2), default=list)
    filters = models.JSONField(  # the cohort's other filters, as ``tasks.cohorts.Cohort.filters`` gives them
        default=dict, db_default=models.Value({}, models.JSONField())
    )
    stage = models.CharField(max_length=12, default=FIRST.value)
    priority = models.SmallIntegerField(default=0)  # higher first; an officer's "run now" is 10
    waits_for = models.CharField(max_length=200, blank=True)  # in words; empty unless waiting
    waits_until = models.DateTimeField(null=True)  # a back-off's end; null while it waits for another run
    planned_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    since_at = models.DateTimeField(null=True)  # what "changed" is counted from; null = everything
    lost_from_at = models.DateTimeField(null=True)  # the last success, where the source forgot what came next
    read_started_at = models.DateTimeField(null=True)  # becomes the next run's since
    attempt = models.PositiveIntegerField(default=0)  # fence: only the newest attempt may commit
    retries = models.PositiveSmallIntegerField(default=0)  # temporary faults so far
    is_cancel_wanted = models.BooleanField(default=False)
    requested_by = models.BigIntegerField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    intake = models.JSONField(null=True)  # a ``runs.intake.Intake``: what it owes; null = nothing taken in
    met = models.JSONField(  # [code, detail] of each source problem overcome so far, over all attempts
        default=list, db_default=models.Value([], models.JSONField())
    )
    progress = models.JSONField(default=dict)  # a ``runs.progress.ReadSoFar``: for screens alone
    cohort = ArrayField(models.CharField(max_length=60), default=list)  # external ids read
    noted_files = models.JSONField(default=list)  # [id, name] of each file it made, for the task log
    status = models.CharField(max_length=30, blank=True)  # a LogStatus value once finished
    is_balanced = models.BooleanField(null=True)
    exception_code = models.CharField(max_length=60, blank=True)
    exception_sentence = models.CharField(max_length=500, blank=True)
    exception_remedy = models.CharField(max_length=500, blank=True)
    exception_detail = models.TextField(blank=True)  # technical; never a child's data, never a secret
    pupils_read = models.PositiveIntegerField(default=0)
    pupils_declared = models.PositiveIntegerField(null=True)
    rows = models.JSONField(
        null=True
    )  # by domain of the source, ``runs.rules.RowTerms``; null = none counted
    clock_offset = models.FloatField(
        null=True
    )  # the source's clock minus ours, in seconds; null = not measured
    is_complete_read = models.BooleanField(default=False)

    class Meta:
        db_table = "run"
        constraints = [
            models.UniqueConstraint(
                fields=["base"], condition=models.Q(stage__in=ACTIVE), name="run_one_active_per_base"
            ),
            models.UniqueConstraint(
                fields=["task", "base", "planned_at"],
                condition=models.Q(origin="task"),
                name="run_once_per_occurrence",
            ),
        ]
        indexes = [
            models.Index(fields=["base", "-id"], name="run_base"),
            models.Index(fields=["stage"], name="run_stage"),
            models.Index(fields=["task", "base", "-id"], name="run_task"),
            models.Index(fields=["planned_at"], name="run_planned"),
        ]

    class Privacy:
        level = "internal"
        kept = "seven years"


class Since(models.Model):
    """The start of the last successful run of a task (or of ad hoc runs of a data type) at a base."""

    base = models.ForeignKey("bases.Base", on_delete=models.CASCADE)
    task = models.ForeignKey("tasks.ScheduledTask", on_delete=models.CASCADE, null=True)
    data_type = models.CharField(max_length=40)
    since_at = models.DateTimeField()
    run_id = models.BigIntegerField()
    cohort = ArrayField(models.CharField(max_length=60), default=list)  # external ids read, for entrants
    is_historic_send_left_out = models.BooleanField(default=False, db_default=False)  # was, by that run

    class Meta:
        db_table = "run_since"
        constraints = [
            models.UniqueConstraint(
                fields=["base", "task", "data_type"], name="run_since_once", nulls_distinct=False
            )
        ]

    class Privacy:
        level = "internal"
        kept = "as long as the task"


class Account(models.Model):
    """The books of one run and data group: received equals the sum of all the other terms.

    Counted in blocks; for the group ``attendance`` in marks.
    """

    id = models.BigAutoField(primary_key=True)
    # The unique constraint's index begins with the run; one more would only be paid for.
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="accounts", db_index=False)
    group = models.CharField(max_length=40)
    received = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    in_conflict = models.PositiveIntegerField(default=0)
    unmatched = models.PositiveIntegerField(default=0)
    ignored = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "run_account"
        constraints = [
            models.UniqueConstraint(fields=["run", "group"], name="run_account_once"),
            models.CheckConstraint(
                condition=models.Q(
                    received=models.F("left_out")
                    + models.F("unchanged")
                    + models.F("written")
                    + models.F("in_conflict")
                    + models.F("unmatched")
                    + models.F("ignored")
                    + models.F("refused")
                ),
                name="run_account_balances",
            ),
        ]

    class Privacy:
        level = "internal"
        kept = "seven years"


class RunException(models.Model):
    """One thing a run could not land, held back or left out, with what to do about it."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="exceptions")
    base_id = models.BigIntegerField()
    kind = models.CharField(max_length=20)  # refused, unmatched, held, ignored, warning, left out, gap
    code = models.CharField(max_length=60)
    sentence = models.CharField(max_length=500)
    remedy = models.CharField(max_length=500, blank=True)
    pupil_id = models.BigIntegerField(null=True)
    external_id = models.CharField(max_length=60, blank=True)
    group = models.CharField(max_length=40, blank=True)
    item = models.CharField(max_length=40, blank=True)
    line = models.PositiveIntegerField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        db_table = "run_exception"
        indexes = [models.Index(fields=["run", "kind"], name="run_exception_run")]

    class Privacy:
        level = "personal"
        kept = "one year"


class RunItem(models.Model):
    """What became of one item of a block whose items did not all end alike: the account counts it once.

    ``fate`` is written, in conflict, ignored or refused; ``rule`` what decided.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items")
    pupil_id = models.BigIntegerField()
    external_id = models.CharField(max_length=60)
    group = models.CharField(max_length=40)
    item = models.CharField(max_length=40)
    fate = models.CharField(max_length=20)
    rule = models.CharField(max_length=60)

    class Meta:
        db_table = "run_item"

    class Privacy:
        level = "personal"
        kept = "one year"


class TaskLogEntry(models.Model):
    """One row of the task log: a file, or a run that made none."""

    id = models.BigAutoField(primary_key=True)
    base = models.ForeignKey("bases.Base", on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="log_entries")
    file_id = models.BigIntegerField(null=True)
    file_name = models.CharField(max_length=60, blank=True)
    task_id = models.BigIntegerField(null=True)
    task_name = models.CharField(max_length=100)
    data_type = models.CharField(max_length=40)
    cohort = models.CharField(max_length=100, blank=True)  # "All" or the years, as shown
    logged_at = models.DateTimeField()
    status = models.CharField(max_length=30)
    exception_details = models.CharField(max_length=1000, blank=True)  # empty = No Exceptions

    class Meta:
        db_table = "task_log"
        indexes = [
            models.Index(fields=["-logged_at", "-id"], name="task_log_newest"),
            models.Index(fields=["base", "-logged_at"], name="task_log_base"),
            # One a filter, each ending in the log's order. Dropping one makes its filter read the whole log.
            models.Index(fields=["base", "-logged_at", "-id"], name="task_log_base_newest"),
            models.Index(fields=["status", "-logged_at", "-id"], name="task_log_status"),
            models.Index(fields=["data_type", "-logged_at", "-id"], name="task_log_data_type"),
            models.Index(fields=["cohort", "-logged_at", "-id"], name="task_log_cohort"),
            models.Index(fields=["task_name", "-logged_at", "-id"], name="task_log_task_name"),
            models.Index(fields=["task_id", "-logged_at", "-id"], name="task_log_task"),
            models.Index(fields=["file_name"], opclasses=["text_pattern_ops"], name="task_log_file_name"),
            models.Index(
                fields=["-logged_at", "-id"],
                condition=models.Q(exception_details__gt=""),
                name="task_log_exceptions",
            ),
        ]

    class Privacy:
        level = "internal"
        kept = "seven years"
