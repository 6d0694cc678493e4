"""Notes with every year whose marks they are, where a base has several sources.

Of what is there nothing tells it: it is taken for that of the system that was collected from.
"""

from __future__ import annotations

from django.db import migrations, models

FILL = "UPDATE attendance_year SET source = 'sims_primary' WHERE source = ''"


class Migration(migrations.Migration):
    """In one step: no release has written such a row yet."""

    dependencies = [("attendance", "0004_read_at")]

    operations = [
        migrations.AddField("attendanceyear", "source", models.CharField(db_default="", max_length=40)),
        migrations.AddField("attendanceyear", "beside", models.JSONField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
