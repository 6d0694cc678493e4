"""What officers said about sources becomes that of one MIS: so far it was all about SIMS Primary.

Hosts to which pages may lead were a row that an administrator could write; they are the operator's from
now on (``SCHOOLGATE_SOURCE_HOSTS``), and such a row is dropped.
"""

from __future__ import annotations

from django.db import migrations, models

MIS = "sims_primary"
DROP_HOSTS = "DELETE FROM source_setting WHERE name = 'allowed_hosts'"


class Migration(migrations.Migration):
    dependencies = [("collecting", "0001_initial")]

    operations = [
        migrations.RunSQL(DROP_HOSTS, migrations.RunSQL.noop),
        *(
            operation
            for model in ("sourcelimit", "sourcesetting", "mappingoverride")
            for operation in (
                migrations.AddField(model, "mis", models.CharField("MIS", max_length=20, default=MIS)),
                migrations.AlterField(model, "mis", models.CharField("MIS", max_length=20)),
            )
        ),
        migrations.AlterField("sourcelimit", "api_url", models.CharField("API address", max_length=300)),
        migrations.AlterField("sourcesetting", "name", models.CharField(max_length=60)),
        migrations.RemoveConstraint("mappingoverride", "mapping_override_once"),
        migrations.AddConstraint(
            "sourcelimit", models.UniqueConstraint(fields=["mis", "api_url"], name="source_limit_once")
        ),
        migrations.AddConstraint(
            "sourcesetting", models.UniqueConstraint(fields=["mis", "name"], name="source_setting_once")
        ),
        migrations.AddConstraint(
            "mappingoverride",
            models.UniqueConstraint(
                fields=["mis", "domain", "group", "item"], name="mapping_override_of_mis"
            ),
        ),
    ]
