"""What a base's name is sorted by, also for the bases there are."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from schoolgate.lib.folding import sort_key


def fill(apps: Any, _schema_editor: Any) -> None:
    """Once for each base; there are hundreds."""
    bases = apps.get_model("bases", "Base").objects
    for base_id, name in bases.filter(sort_name="").values_list("pk", "name"):
        bases.filter(pk=base_id).update(sort_name=sort_key(name))


class Migration(migrations.Migration):
    """Compared by code points, so that lists are in one order whatever the database was set up with."""

    dependencies = [("bases", "0002_irreversible")]
    operations = [
        migrations.AddField(
            "base", "sort_name", models.TextField(db_default="", db_collation="C", editable=False)
        ),
        migrations.AlterModelOptions("base", {"ordering": ["sort_name", "name"]}),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
