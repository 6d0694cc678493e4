"""Makes room for what schools write where a UPN belongs, though it be none; the views are made anew on it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.db import migrations, models

MADE: Any = import_module("schoolgate.pupils.migrations.0002_views")
DROP = "".join(f"DROP VIEW IF EXISTS {view};" for view in MADE.VIEWS)


class Migration(migrations.Migration):
    """A column on which a view stands can't be widened: the views go and come back in one transaction."""

    dependencies = [("pupils", "0006_fold_held_names_again")]
    operations = [
        migrations.RunSQL(DROP, MADE.SQL),
        migrations.AlterField(
            model_name="identifiers",
            name="upn",
            field=models.CharField(max_length=40, null=True, verbose_name="UPN"),
        ),
        migrations.AlterField(
            model_name="identifiers",
            name="former_upn",
            field=models.CharField(max_length=40, null=True, verbose_name="Former UPN"),
        ),
        migrations.RunSQL(MADE.SQL, DROP),
    ]
