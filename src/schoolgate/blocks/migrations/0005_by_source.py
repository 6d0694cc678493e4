"""What has landed, and what has not, is kept by base and source.

Until now the messages of all sources of a base went into one row, and nothing tells which they came from: what
is there is taken for that of the system that was collected from.
"""

from __future__ import annotations

from django.db import migrations, models

FILL = (
    "UPDATE block_hash SET source = 'sims_primary' WHERE source = ''",
    "UPDATE block_outstanding SET source = 'sims_primary' WHERE source = ''",
)


class Migration(migrations.Migration):
    """In one step: no release has written such a row yet."""

    dependencies = [("blocks", "0004_outstanding_without_a_run")]

    operations = [
        migrations.RemoveConstraint("cachedhashes", "block_hash_once"),
        migrations.RemoveConstraint("outstanding", "block_outstanding_once"),
        migrations.AddField("cachedhashes", "source", models.CharField(db_default="", max_length=40)),
        migrations.AddField("outstanding", "source", models.CharField(db_default="", max_length=40)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "cachedhashes",
            models.UniqueConstraint(fields=("base", "pupil", "source"), name="block_hash_of_source"),
        ),
        migrations.AddConstraint(
            "outstanding",
            models.UniqueConstraint(
                fields=("base", "source", "external_id", "group"), name="block_outstanding_of_source"
            ),
        ),
    ]
