"""Marks as strings: one row a pupil, base and academic year, never a row a mark."""

from __future__ import annotations

from django.db import models


class AttendanceYear(models.Model):
    """A pupil's marks at a base in one academic year.

    ``marks`` has two characters a calendar day from ``start_date``, morning then afternoon, ``-``
    where there is no mark and ``#`` where a closure was seeded. Where a code has two characters the
    string holds its main one and ``whole_codes`` the whole: {"YYYY-MM-DD AM": "C1"}. The statistics
    use the whole codes. ``corrected`` lists school sessions whose mark was changed after it first
    landed: {"YYYY-MM-DD AM": "old code"}.

    ``read_at`` is when the newest content of the row was read at the source, null where nobody knows;
    content that is older may not touch what newer content has spoken of. What that changed, the audit's
    patches tell; what it found as it was, ``confirmed`` (see ``order``).

    The marks are those of the ``source``, but for those of other sources of the base, which ``beside``
    lists: half days in ranges by source, null where there are none (see ``sharing``).
    """

    id = models.BigAutoField(primary_key=True)
    pupil = models.ForeignKey("pupils.Pupil", on_delete=models.PROTECT, related_name="+", db_index=False)
    base = models.ForeignKey("bases.Base", on_delete=models.PROTECT, related_name="+")
    academic_year = models.PositiveSmallIntegerField()  # the calendar year it starts in
    start_date = models.DateField()
    marks = models.TextField()
    whole_codes = models.JSONField(default=dict)
    corrected = models.JSONField(default=dict)
    run_id = models.BigIntegerField(null=True)
    written_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    confirmed = models.JSONField(null=True)
    source = models.CharField(max_length=40, db_default="")
    beside = models.JSONField(null=True)

    class Meta:
        db_table = "attendance_year"
        constraints = [
            models.UniqueConstraint(fields=["pupil", "base", "academic_year"], name="attendance_year_once")
        ]

    class Privacy:
        level = "special"
        kept = "until the pupil is 25"
