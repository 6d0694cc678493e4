"""Keeps the changes of records in a piece an academic year; each piece, too, is only ever added to.

A trigger a statement fires for the table that the statement names, so it would not see somebody who names a
piece; one a row is handed on to every piece, those made later included, and can't be taken off one alone.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from schoolgate.audit.partitions import RECORD_CHANGES
from schoolgate.lib import clock
from schoolgate.lib.partitioning import join, split

FUNCTION = """
CREATE OR REPLACE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('schoolgate.maintenance', true), '') <> 'on' THEN
        RAISE EXCEPTION 'the audit is only added to: % of % refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END
$$;
"""
A_STATEMENT = """
CREATE TRIGGER record_change_is_only_added_to BEFORE UPDATE OR DELETE ON record_change
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
"""
A_ROW = """
CREATE TRIGGER record_change_row_is_only_added_to BEFORE UPDATE OR DELETE ON record_change
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
"""


def into_pieces(_apps: Any, schema_editor: Any) -> None:
    """Moves every row as it is, then guards the new table and its pieces."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(FUNCTION)
        split(cursor, RECORD_CHANGES, now=clock.now())
        cursor.execute(A_STATEMENT + A_ROW)


def into_one(_apps: Any, schema_editor: Any) -> None:
    """Moves every row back; the function serves both."""
    with schema_editor.connection.cursor() as cursor:
        join(cursor, RECORD_CHANGES)
        cursor.execute(A_STATEMENT)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_immutable")]

    operations = [migrations.RunPython(into_pieces, into_one)]
