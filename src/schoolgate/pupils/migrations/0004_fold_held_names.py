"""Folds the names that are held already."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from schoolgate.pupils.folding import NAMES, folded_names

AT_ONCE = 5_000
FOLD = """
UPDATE pupil_basic_details AS held SET names_folded = made.names
FROM unnest(%s::bigint[], %s::text[]) AS made (pupil_id, names) WHERE held.pupil_id = made.pupil_id
"""


def fold_held_names(apps: Any, schema_editor: Any) -> None:
    """A few thousand rows a transaction; stopped half-way, it goes on there when it is run again."""
    unfolded = apps.get_model("pupils", "BasicDetails").objects.filter(names_folded=None)
    while rows := list(unfolded.values("pupil_id", *NAMES)[:AT_ONCE]):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(FOLD, [[row["pupil_id"] for row in rows], [folded_names(row) for row in rows]])


class Migration(migrations.Migration):
    """Without a transaction around it all, so that nobody waits for 200,000 rows."""

    atomic = False
    dependencies = [("pupils", "0003_names_folded")]
    operations = [migrations.RunPython(fold_held_names, migrations.RunPython.noop)]
