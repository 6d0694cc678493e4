"""The local authority this installation serves, and its System defaults."""

from __future__ import annotations

from django.db import models


class Authority(models.Model):
    """The one authority of this installation."""

    la_number = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=120)
    is_demo = models.BooleanField(default=False)
    academic_year_starts_month = models.PositiveSmallIntegerField(default=9)
    academic_year_starts_day = models.PositiveSmallIntegerField(default=1)
    buffer_minutes = models.PositiveIntegerField(default=60)  # lateness before a due run counts as missed

    class Meta:
        db_table = "authority"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="authority_only_one")]

    class Privacy:
        level = "public"
        kept = "always"


class SystemDefault(models.Model):
    """A System default that was changed; those that are not here have the value they were shipped with.

    The buffer period stands on the authority's own row.
    """

    name = models.CharField(max_length=40, primary_key=True)  # of ``defaults.DECLARED``
    value = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "system_default"

    class Privacy:
        level = "internal"
        kept = "always"
