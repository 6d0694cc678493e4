"""Keeps what a run owes apart from what it shows, and takes along the runs that are under way.

Runs that have ended owe nothing; of them only what screens show stays.
"""

from django.db import migrations, models

TAKE_ALONG = """
UPDATE run SET
    intake = CASE
        WHEN stage IN ('done', 'failed', 'cancelled') THEN NULL
        WHEN progress ? 'sifted' OR progress ? 'landed' OR origin NOT IN ('task', 'ad_hoc')
        THEN jsonb_build_object(
            'terms', coalesce(progress -> 'sifted', '{}'),
            'problems', coalesce(progress -> 'problems', '[]'),
            'beside_cohort', coalesce(progress -> 'beside_cohort', '[]'),
            'landed', coalesce(progress -> 'landed', '{}')
        )
    END,
    met = coalesce(progress -> 'met', '[]'),
    lost_from_at = (progress ->> 'lost_from')::timestamptz,
    progress = progress - '{sifted,problems,beside_cohort,landed,lost_from,met,page}'::text[]
WHERE stage NOT IN ('done', 'failed', 'cancelled')
    OR progress ?| '{sifted,problems,beside_cohort,landed,lost_from,met,page}'
"""


class Migration(migrations.Migration):
    dependencies = [("runs", "0003_accounts_by_one_index")]

    operations = [
        migrations.AddField("run", "intake", models.JSONField(null=True)),
        migrations.AddField("run", "lost_from_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "run",
            "met",
            models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.RunSQL(TAKE_ALONG, migrations.RunSQL.noop),
    ]
