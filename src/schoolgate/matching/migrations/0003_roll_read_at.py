"""Notes with every link when the roll that tells its state was read, so that no older roll tells otherwise."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0002_sources_and_history")]

    operations = [
        migrations.AddField(
            model_name="externalid",
            name="roll_read_at",
            field=models.DateTimeField(null=True),
        ),
    ]
