"""Notes of every run whether it is of a task; so far its name told, where the task was deleted since."""

from django.db import migrations, models

OF_A_TASK = """
UPDATE run SET is_of_task = true
WHERE task_id IS NOT NULL
    OR (
        task_name <> ''
        AND task_name <> CASE origin
            WHEN 'task' THEN 'Scheduled task'
            WHEN 'ad_hoc' THEN 'Run by an officer'
            WHEN 'upload' THEN 'Uploaded file'
            WHEN 'supplier' THEN 'Supplier'
            WHEN 'agent' THEN 'School''s agent'
        END
    )
"""


class Migration(migrations.Migration):
    dependencies = [("runs", "0004_owed_and_shown")]

    operations = [
        migrations.AddField("run", "is_of_task", models.BooleanField(default=False, db_default=False)),
        migrations.RunSQL(OF_A_TASK, migrations.RunSQL.noop),
    ]
