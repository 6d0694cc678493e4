"""Folds the names that are held already as they are folded now, and fills what they are sorted by."""

from __future__ import annotations

from typing import Any

from django.db import migrations

from schoolgate.pupils.folding import NAMES, folded_names, sort_name

AT_ONCE = 5_000
FOLD = """
UPDATE pupil_basic_details AS held SET names_folded = made.names, sort_name = made.sorted
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS made (pupil_id, names, sorted)
WHERE held.pupil_id = made.pupil_id
"""


def fold_held_names(apps: Any, schema_editor: Any) -> None:
    """A few thousand rows a transaction; stopped half-way, it goes on there when it is run again."""
    unsorted = apps.get_model("pupils", "BasicDetails").objects.filter(sort_name=None)
    while rows := list(unsorted.values("pupil_id", *NAMES)[:AT_ONCE]):
        made = zip(*((row["pupil_id"], folded_names(row), sort_name(row)) for row in rows), strict=True)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(FOLD, [list(column) for column in made])


class Migration(migrations.Migration):
    """Without a transaction around it all, so that nobody waits for 200,000 rows."""

    atomic = False
    dependencies = [("pupils", "0005_sort_name")]
    operations = [migrations.RunPython(fold_held_names, migrations.RunPython.noop)]
