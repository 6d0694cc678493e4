"""What waits for a person: entries by base and cause, and what waits in each."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("bases", "0002_irreversible"),
        ("pupils", "0004_fold_held_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="HeldEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=60)),
                ("state", models.CharField(default="open", max_length=10)),
                ("opened_at", models.DateTimeField()),
                ("last_run_id", models.BigIntegerField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("decided_by", models.BigIntegerField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "base",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="bases.base"
                    ),
                ),
            ],
            options={
                "db_table": "held_entry",
            },
        ),
        migrations.CreateModel(
            name="HeldItem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("source", models.CharField(max_length=40)),
                ("external_id", models.CharField(max_length=60)),
                ("group", models.CharField(blank=True, max_length=40)),
                ("kind", models.CharField(max_length=10)),
                ("content", models.TextField(blank=True)),
                ("digest", models.UUIDField()),
                ("keys", models.JSONField(default=dict)),
                ("read_at", models.DateTimeField()),
                ("since_at", models.DateTimeField()),
                ("run_id", models.BigIntegerField(null=True)),
                ("state", models.CharField(default="waiting", max_length=10)),
                ("decision", models.CharField(blank=True, max_length=20)),
                ("decided_by", models.BigIntegerField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("release_run_id", models.BigIntegerField(null=True)),
                (
                    "base",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="bases.base",
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="holding.heldentry",
                    ),
                ),
                (
                    "pupil",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="pupils.pupil",
                    ),
                ),
            ],
            options={
                "db_table": "held_item",
            },
        ),
        migrations.AddIndex(
            model_name="heldentry",
            index=models.Index(fields=["-closed_at"], name="held_entry_closed"),
        ),
        migrations.AddConstraint(
            model_name="heldentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("base", "code"), name="held_entry_open_once"
            ),
        ),
        migrations.AddIndex(
            model_name="helditem",
            index=models.Index(
                condition=models.Q(("release_run_id__isnull", False)),
                fields=["release_run_id"],
                name="held_item_release",
            ),
        ),
        migrations.AddConstraint(
            model_name="helditem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("waiting", "refused"))),
                fields=("base", "source", "external_id", "group"),
                name="held_item_standing_once",
            ),
        ),
    ]
