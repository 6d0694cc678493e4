"""A column for every pupil's names as the search looks for them."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """The release before this one goes on writing rows without it: such rows are searched by their names."""

    dependencies = [("pupils", "0002_views")]
    operations = [migrations.AddField("basicdetails", "names_folded", models.TextField(null=True))]
