"""Some people may see some bases only; those who are there already see every base, as before."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_shared_count")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="limited_to",
            field=ArrayField(base_field=models.BigIntegerField(), blank=True, null=True, size=None),
        ),
    ]
