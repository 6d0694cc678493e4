"""The register's views for the authority's analysts, described where they are read."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

from schoolgate_message import groups

SQL = (Path(__file__).parent.parent / "sql" / "register_views.sql").read_text(encoding="utf-8")
VIEWS = ("register_pupil", *(f"register_{group.name}" for group in groups.GROUPS if group.is_list))


class Migration(migrations.Migration):
    """Makes the views; undoing it drops them."""

    dependencies = [("pupils", "0001_initial"), ("bases", "0001_initial")]
    operations = [migrations.RunSQL(SQL, "".join(f"DROP VIEW IF EXISTS {view};" for view in VIEWS))]
