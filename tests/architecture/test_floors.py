"""The floors of the house, where import-linter can't see: Django's string foreign keys, and the list itself."""

from __future__ import annotations

import configparser

from django.apps import apps
from django.db.models import Model
from tests.architecture.source import CHECKOUT, FLOORS, floor_of


def our_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("schoolgate.")]


def test_points_foreign_keys_down_the_floors_only():
    wrong = []
    for model in our_models():
        for field in model._meta.get_fields():
            other = getattr(field, "related_model", None)
            if (
                field.auto_created
                or not isinstance(other, type)
                or not other.__module__.startswith("schoolgate.")
            ):
                continue
            here, there = model._meta.app_label, other._meta.app_label
            if here != there and floor_of(there) <= floor_of(here):
                wrong.append(f"{model._meta.label}.{field.name} → {other._meta.label}")
    assert not wrong


def test_knows_the_same_floors_as_import_linter():
    contracts = configparser.ConfigParser()
    contracts.read(CHECKOUT / ".importlinter")
    written = contracts["importlinter:contract:floors"]["layers"].split("\n")
    assert [tuple(part.strip() for part in floor.split("|")) for floor in written if floor.strip()] == list(
        FLOORS
    )


def test_makes_no_exception_to_the_contracts():
    assert "\nignore_imports" not in (CHECKOUT / ".importlinter").read_text()


def test_labels_every_room_by_its_own_name():
    for config in apps.get_app_configs():
        if config.name.startswith("schoolgate."):
            assert config.name == f"schoolgate.{config.label}"
