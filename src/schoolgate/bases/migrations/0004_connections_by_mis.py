"""A connection's settings become the connector's own, kept by MIS; what is secret is sealed anew.

So far a connection had the four settings of SIMS Primary and its two addresses as columns, and a seal was
bound to base and field. Now it has texts by name, and a seal is bound to base, MIS and name. A secret whose
key is gone opens neither before nor after: it is dropped, and counts as missing as it did.
"""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from schoolgate.lib.sealed import SealBroken, Sealer, sealer_from

MIS = "sims_primary"
PLAIN = ("client_id", "organisation_id", "token_url", "api_url")
SECRET = ("secret", "subscription_key")


def to_settings(apps: Any, _schema_editor: Any) -> None:
    """From columns to settings by name."""
    for each in apps.get_model("bases", "Connection").objects.all():
        sealer = sealer_from(settings.ENCRYPTION_KEYS)
        each.plain = {name: getattr(each, name) for name in PLAIN}
        each.sealed = {}
        for name in SECRET:
            again = _sealed_anew(
                sealer,
                getattr(each, name),
                f"bases:{each.base_id}:{name}",
                f"bases:{each.base_id}:{MIS}:{name}",
            )
            if again:
                each.sealed[name] = again
        each.save(update_fields=["plain", "sealed"])


def to_columns(apps: Any, _schema_editor: Any) -> None:
    """From settings by name to columns; connections to another MIS have none to go to."""
    connections = apps.get_model("bases", "Connection").objects
    connections.exclude(mis=MIS).delete()
    for each in connections.all():
        sealer = sealer_from(settings.ENCRYPTION_KEYS)
        for name in PLAIN:
            setattr(each, name, each.plain.get(name, ""))
        for name in SECRET:
            again = _sealed_anew(
                sealer,
                each.sealed.get(name, ""),
                f"bases:{each.base_id}:{MIS}:{name}",
                f"bases:{each.base_id}:{name}",
            )
            setattr(each, name, again)
        each.save(update_fields=[*PLAIN, *SECRET])


def _sealed_anew(sealer: Sealer, sealed: str, here: str, there: str) -> str:
    try:
        return sealer.seal(sealer.open(sealed, place=here), place=there)
    except SealBroken:
        return ""


class Migration(migrations.Migration):
    dependencies = [("bases", "0003_sort_name")]

    operations = [
        migrations.AddField("connection", "mis", models.CharField("MIS", max_length=20, default=MIS)),
        migrations.AddField("connection", "plain", models.JSONField(default=dict)),
        migrations.AddField("connection", "sealed", models.JSONField(default=dict)),
        # The way back finds columns that may be empty.
        *(
            migrations.AlterField("connection", name, models.TextField(default=""))
            for name in (*PLAIN, *SECRET)
        ),
        migrations.RunPython(to_settings, to_columns),
        *(migrations.RemoveField("connection", name) for name in (*PLAIN, *SECRET)),
        migrations.AlterField("connection", "mis", models.CharField("MIS", max_length=20)),
        migrations.AlterField(
            "connection",
            "base",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="connections", to="bases.base"
            ),
        ),
        migrations.AddConstraint(
            "connection",
            models.UniqueConstraint(fields=["base", "mis"], name="base_connection_once"),
        ),
    ]
