"""What landed before read times were kept was read, at the latest, when its row last changed.

Until now blocks were only ever ignored because another base spoke for the pupil: they are silent now.
"""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

FILL = """
UPDATE block_hash SET read_at = ARRAY(
    SELECT CASE WHEN one IS NOT NULL THEN changed_at END
    FROM unnest(hashes) WITH ORDINALITY AS each (one, place) ORDER BY place
), outcomes = array_replace(outcomes, 'i', 's')
"""


class Migration(migrations.Migration):
    dependencies = [("blocks", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="cachedhashes",
            name="read_at",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.DateTimeField(null=True), null=True, size=32
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
