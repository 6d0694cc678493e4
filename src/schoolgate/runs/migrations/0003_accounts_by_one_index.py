"""Takes away an index of the accounts: that of their unique constraint begins with the run as well."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0002_cohort_filters_and_log_indexes")]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="run",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="accounts",
                to="runs.run",
            ),
        ),
    ]
