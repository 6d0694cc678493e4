"""Notes with a patch of marks which source of the base told them; older rows don't say."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_rules")]
    operations = [
        migrations.AddField("recordchange", "source", models.CharField(db_default="", max_length=40)),
    ]
