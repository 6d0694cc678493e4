"""Knows when changes were made by the limits of each run of pages, not by a place for every row.

A landing paid for that place with every change, and nobody asks for it: changes come in the order of their
instants, so the limits find a day as well.
"""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_academic_years")]

    operations = [
        migrations.AlterField(
            model_name="recordchange",
            name="at",
            field=models.DateTimeField(),
        ),
        migrations.AddIndex(
            model_name="recordchange",
            index=BrinIndex(fields=["at"], name="record_change_when"),
        ),
    ]
