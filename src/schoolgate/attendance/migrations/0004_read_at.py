"""Notes of each year's string when its newest content was read, and what was found unchanged by whom."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds both columns; rows that are there say nothing of it, which counts as older than anything."""

    dependencies = [("attendance", "0003_room_for_updates")]
    operations = [
        migrations.AddField(
            model_name="attendanceyear",
            name="read_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="attendanceyear",
            name="confirmed",
            field=models.JSONField(null=True),
        ),
    ]
