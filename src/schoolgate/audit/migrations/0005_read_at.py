"""Notes with every change when its content was read at the source; each piece gets the column, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_when_by_block")]

    operations = [
        migrations.AddField(
            model_name="recordchange",
            name="read_at",
            field=models.DateTimeField(null=True),
        ),
    ]
