"""Names the rule of each item where several rules decided of one block."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_read_at")]

    operations = [
        migrations.AddField(
            model_name="recordchange",
            name="rules",
            field=models.JSONField(null=True),
        ),
    ]
