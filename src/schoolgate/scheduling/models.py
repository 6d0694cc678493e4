"""What the scheduler service remembers about itself."""

from __future__ import annotations

from django.db import models


class Clockwork(models.Model):
    """The one row that says when the planner last ran, and when it last looked round and tidied up."""

    ticked_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    pruned_at = models.DateTimeField(null=True)
    retained_at = models.DateTimeField(null=True)  # when the daily retention was last asked for

    class Meta:
        db_table = "clockwork"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="clockwork_only_one")]

    class Privacy:
        level = "internal"
        kept = "always"


class WorkerProcess(models.Model):
    """A worker process, on this machine or another, and when it last said that it lives."""

    name = models.CharField(max_length=80, primary_key=True)  # host:pid, as runs have it
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    concurrency = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "worker_process"

    class Privacy:
        level = "internal"
        kept = "until an hour after it fell silent"
