"""A run keeps how far its source's clock was from ours."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0008_rows"),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="clock_offset",
            field=models.FloatField(null=True),
        ),
    ]
