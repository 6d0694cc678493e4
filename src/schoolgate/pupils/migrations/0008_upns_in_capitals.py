"""Writes the UPNs that are held in small letters, or with spaces in them, as they are written since.

Each is told in the audit, as a change of its base without a run. A UPN that another pupil holds in its right
form already stays as it is: it is never written to a second pupil, and the school's next one says whose it is.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import migrations

from schoolgate.lib import clock
from schoolgate_message.values import as_number

REASON = "written in capitals"
IN_ANOTHER_FORM = """
SELECT pupil_id, base_id, upn, former_upn FROM pupil_identifiers
WHERE upn !~ '^[A-Z0-9]*$' OR former_upn !~ '^[A-Z0-9]*$' ORDER BY pupil_id
"""
TAKEN = "SELECT upn FROM pupil_identifiers WHERE upn = ANY(%s::text[])"
WRITE = "UPDATE pupil_identifiers SET upn = %s, former_upn = %s WHERE pupil_id = %s"
TELL = """
INSERT INTO record_change (at, pupil_id, "group", kind, before, after, base_id, reason)
VALUES (%s, %s, 'identifiers', 'changed', %s::jsonb, %s::jsonb, %s, %s)
"""


def write_in_capitals(_apps: Any, schema_editor: Any) -> None:
    """In one transaction: the change and what tells of it are written together or not at all."""
    now = clock.now()
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(IN_ANOTHER_FORM)
        rows = cursor.fetchall()
        cursor.execute(TAKEN, [[as_number(upn) for _, _, upn, _ in rows if upn]])
        taken = {upn for (upn,) in cursor.fetchall()}
        for pupil_id, base_id, *held in rows:
            upn, former_upn = (each and as_number(each) for each in held)
            if upn in taken:
                upn = held[0]
            taken.add(upn)
            pairs = zip(("upn", "former_upn"), held, (upn, former_upn), strict=True)
            changed = {name: (was, becomes) for name, was, becomes in pairs if was != becomes}
            if not changed:
                continue
            before, after = (
                json.dumps({name: pair[side] for name, pair in changed.items()}) for side in (0, 1)
            )
            cursor.execute(WRITE, [upn, former_upn, pupil_id])
            cursor.execute(TELL, [now, pupil_id, before, after, base_id, REASON])


class Migration(migrations.Migration):
    """There is no way back: which were written in small letters, the audit alone knows."""

    dependencies = [("pupils", "0007_upns_as_told"), ("audit", "0006_rules")]
    operations = [migrations.RunPython(write_in_capitals, migrations.RunPython.noop)]
