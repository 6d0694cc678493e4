"""The previous release runs on the new schema: web servers and workers are updated one after another.

So a migration may only add what an older release can do without. What takes away, renames or narrows waits
for a later release, when nothing that runs knows it any more, and gives its reason in ``exemptions.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import NOT_PROVIDED, Field
from tests.architecture.source import CHECKOUT

HARMLESS = (
    migrations.CreateModel,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
)
"""What an older release doesn't notice, but for its speed."""


def breaks_the_previous_release(operation: Operation, before: ProjectState, label: str) -> bool:
    """Whether a release that knows only the models of ``before`` would fail after the operation."""
    if isinstance(operation, HARMLESS):
        return False
    if isinstance(operation, migrations.AddField):
        # An older INSERT doesn't name the column: it must be content with nothing.
        return not (operation.field.null or operation.field.db_default is not NOT_PROVIDED)
    if isinstance(operation, migrations.AlterField):
        held = before.models[label, operation.model_name_lower].fields[operation.name]
        return narrows(held, operation.field)
    return True


def narrows(held: Field, new: Field) -> bool:
    """Whether what an older release reads or writes there would no longer fit."""
    return (
        held.get_internal_type() != new.get_internal_type()
        or (held.null and not new.null)
        or (new.unique and not held.unique)
        or (new.max_length or 10**9) < (held.max_length or 10**9)
        or (held.db_default is not NOT_PROVIDED and new.db_default is NOT_PROVIDED)
    )


def later_migrations() -> Iterator[tuple[str, Migration, ProjectState]]:
    """Every migration of ours but a room's first, with the models as they stood before it."""
    loader = MigrationLoader(None)
    ours = {each.label for each in apps.get_app_configs() if each.name.startswith("schoolgate.")}
    for label, name in sorted(loader.disk_migrations):
        migration = loader.disk_migrations[label, name]
        if label in ours and not migration.initial:
            before = loader.project_state((label, name), at_end=False)
            yield f"{label}.{name}", migration, before


def test_lets_the_previous_release_run_on_the_new_schema():
    breaking = set()
    for name, migration, state in later_migrations():
        for operation in migration.operations:
            if breaks_the_previous_release(operation, state, migration.app_label):
                breaking.add(name)
            operation.state_forwards(migration.app_label, state)
    exempt = tomllib.loads((CHECKOUT / "tests/architecture/exemptions.toml").read_text())["migrations"]
    assert breaking == exempt.keys()
    assert all(entry["reason"].strip() for entry in exempt.values())


def test_makes_each_rooms_first_migration_its_only_initial_one():
    loader = MigrationLoader(None)
    ours = {each.label for each in apps.get_app_configs() if each.name.startswith("schoolgate.")}
    initial = [key for key, each in loader.disk_migrations.items() if key[0] in ours and each.initial]
    assert {name for _, name in initial} == {"0001_initial"}


HELD = ProjectState()
HELD.add_model(
    ModelState(
        "room",
        "Thing",
        [("id", models.BigAutoField(primary_key=True)), ("word", models.CharField(max_length=20, null=True))],
    )
)


@pytest.mark.parametrize(
    ("operation", "is_breaking"),
    [
        (migrations.RemoveField("thing", "word"), True),
        (migrations.RenameField("thing", "word", "term"), True),
        (migrations.DeleteModel("thing"), True),
        (migrations.RunSQL("SELECT 1"), True),
        (migrations.AddConstraint("thing", models.UniqueConstraint(fields=["word"], name="once")), True),
        (migrations.AddField("thing", "more", models.IntegerField(default=0)), True),
        (migrations.AddField("thing", "more", models.IntegerField(db_default=0)), False),
        (migrations.AddField("thing", "more", models.IntegerField(null=True)), False),
        (migrations.AlterField("thing", "word", models.CharField(max_length=20)), True),
        (migrations.AlterField("thing", "word", models.CharField(max_length=10, null=True)), True),
        (
            migrations.AlterField("thing", "word", models.CharField(max_length=20, null=True, unique=True)),
            True,
        ),
        (migrations.AlterField("thing", "word", models.TextField(null=True)), True),
        (migrations.AlterField("thing", "word", models.CharField(max_length=40, null=True)), False),
    ],
    ids=lambda each: each.describe() if isinstance(each, Operation) else "",
)
def test_knows_what_an_older_release_would_trip_over(operation, is_breaking):
    assert breaks_the_previous_release(operation, HELD, "room") is is_breaking
