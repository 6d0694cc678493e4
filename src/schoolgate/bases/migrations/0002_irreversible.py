"""The database itself refuses to take a base back from SIMS Primary."""

from __future__ import annotations

from django.db import migrations

REFUSE = """
CREATE FUNCTION base_stays_on_sims_primary() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.mis <> 'sims_primary' OR NEW.moved_to_sims_primary_at IS DISTINCT FROM OLD.moved_to_sims_primary_at THEN
        RAISE EXCEPTION 'base % moved to SIMS Primary; that cannot be undone', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'base_stays_on_sims_primary';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER base_stays_on_sims_primary BEFORE UPDATE ON base
    FOR EACH ROW WHEN (OLD.mis = 'sims_primary') EXECUTE FUNCTION base_stays_on_sims_primary();
"""

ALLOW = """
DROP TRIGGER base_stays_on_sims_primary ON base;
DROP FUNCTION base_stays_on_sims_primary();
"""


class Migration(migrations.Migration):
    dependencies = [("bases", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
