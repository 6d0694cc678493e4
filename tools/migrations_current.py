"""Ends with an error when a model has changed and its migration was not written; needs no database."""

from __future__ import annotations

import os
import sys

import django
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


def main() -> int:
    """Compares the models with what the migrations say, for our own rooms."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tools.checking_settings")
    django.setup()
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = detector.changes(graph=loader.graph)
    ours = {label for label in changes if apps.get_app_config(label).name.startswith("schoolgate.")}
    for label in sorted(ours):
        for migration in changes[label]:
            for operation in migration.operations:
                print(f"{label}: {operation.describe()}")
    if ours:
        print("Write the migrations: python tools/manage.py makemigrations " + " ".join(sorted(ours)))
    return 1 if ours else 0


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - the checkout, where `tools` is
    sys.exit(main())
