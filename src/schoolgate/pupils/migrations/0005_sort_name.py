"""A column for what a pupil's name is sorted by."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Compared by code points, so that lists are in one order whatever the database was set up with."""

    dependencies = [("pupils", "0004_fold_held_names")]
    operations = [
        migrations.AddField("basicdetails", "sort_name", models.TextField(null=True, db_collation="C"))
    ]
