"""A run may come of a release from Held."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0005_of_task"),
    ]

    operations = [
        migrations.AlterField(
            model_name="run",
            name="origin",
            field=models.CharField(
                choices=[
                    ("task", "Scheduled task"),
                    ("ad_hoc", "Run by an officer"),
                    ("upload", "Uploaded file"),
                    ("supplier", "Supplier"),
                    ("agent", "School's agent"),
                    ("release", "Released from Held"),
                ],
                max_length=12,
            ),
        ),
    ]
