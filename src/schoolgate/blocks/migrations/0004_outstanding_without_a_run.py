"""A block may be outstanding because a person decided something, and then no run made it so."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blocks", "0003_page_counts")]
    operations = [
        migrations.AlterField(
            model_name="outstanding", name="run_id", field=models.BigIntegerField(null=True)
        ),
    ]
