"""A run keeps the books of its source's rows."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0007_items_apart"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="rows",
            field=models.JSONField(null=True),
        ),
    ]
