"""The audit is only ever added to; what has outlived its time goes in maintenance, which says so.

Maintenance opens its transaction with ``SET LOCAL schoolgate.maintenance = 'on'``.
"""

from __future__ import annotations

from django.db import migrations

REFUSE = """
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('schoolgate.maintenance', true), '') <> 'on' THEN
        RAISE EXCEPTION 'the audit is only added to: % of % refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER record_change_is_only_added_to BEFORE UPDATE OR DELETE ON record_change
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_event_is_only_added_to BEFORE UPDATE OR DELETE ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
"""

ALLOW = """
DROP TRIGGER record_change_is_only_added_to ON record_change;
DROP TRIGGER audit_event_is_only_added_to ON audit_event;
DROP FUNCTION audit_is_only_added_to();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
