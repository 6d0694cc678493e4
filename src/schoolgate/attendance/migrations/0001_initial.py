"""The year strings."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("bases", "0002_irreversible"),
        ("pupils", "0002_views"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttendanceYear",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("academic_year", models.PositiveSmallIntegerField()),
                ("start_date", models.DateField()),
                ("marks", models.TextField()),
                ("whole_codes", models.JSONField(default=dict)),
                ("corrected", models.JSONField(default=dict)),
                ("run_id", models.BigIntegerField(null=True)),
                ("written_at", models.DateTimeField()),
                (
                    "base",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bases.base"
                    ),
                ),
                (
                    "pupil",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pupils.pupil",
                    ),
                ),
            ],
            options={
                "db_table": "attendance_year",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("pupil", "base", "academic_year"), name="attendance_year_once"
                    )
                ],
            },
        ),
    ]
