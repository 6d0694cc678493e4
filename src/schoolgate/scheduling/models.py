"""What the scheduler service remembers about itself."""

from __future__ import annotations

from django.db import models


class Clockwork(models.Model):
    """The one row that says when the planner last ran, and when it last looked round and tidied up."""

    ticked_at = models.DateTimeField(null=True)
    refreshed_at = models.DateTimeField(null=True)
    pruned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clockwork"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="clockwork_only_one")]

    class Privacy:
        level = "internal"
        kept = "always"
