"""An external id belongs to a base and a source, and a link that ends stays, with who ended it and why."""

from __future__ import annotations

from django.db import migrations, models

FILL = """
UPDATE pupil_external_id AS link
SET source = 'sims_primary',
    linked_by_run = CASE link.matched_by WHEN 'added' THEN pupil.created_by_run END
FROM pupil
WHERE pupil.id = link.pupil_id AND link.source = ''
"""
"""Until now there was one source. Which run matched a pupil it did not add was never noted."""


class Migration(migrations.Migration):
    """In one step: no release has written such a row yet."""

    dependencies = [("matching", "0001_initial"), ("pupils", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("externalid", "pupil_external_id_once"),
        migrations.AddField("externalid", "source", models.CharField(db_default="", max_length=40)),
        migrations.AddField("externalid", "linked_by_run", models.BigIntegerField(null=True)),
        migrations.AddField("externalid", "ended_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "externalid", "ended_why", models.CharField(blank=True, db_default="", max_length=30)
        ),
        migrations.AddField("externalid", "ended_by_run", models.BigIntegerField(null=True)),
        migrations.AddField("externalid", "ended_by", models.BigIntegerField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "externalid",
            models.UniqueConstraint(
                condition=models.Q(ended_at=None),
                fields=("base", "source", "external_id"),
                name="pupil_external_id_living",
            ),
        ),
    ]
