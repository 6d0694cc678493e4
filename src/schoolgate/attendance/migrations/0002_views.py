"""The year strings under the names authorities' own SQL knows, and room on each page for updates."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "attendance_views.sql").read_text(encoding="utf-8")
UNDO = """
DROP VIEW IF EXISTS dx_xml_attendance;
DROP VIEW IF EXISTS dx_xml_attend;
ALTER TABLE attendance_year RESET (fillfactor);
"""


class Migration(migrations.Migration):
    """Makes the views; undoing it drops them."""

    dependencies = [("attendance", "0001_initial")]
    operations = [migrations.RunSQL(SQL, UNDO)]
