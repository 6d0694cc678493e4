"""Every field of every table says how sensitive it is and how long it is kept."""

from __future__ import annotations

from typing import Any

from django.apps import apps

LEVELS = {"public", "internal", "personal", "special", "secret"}


def ours() -> list[Any]:
    return [model for model in apps.get_models() if model.__module__.startswith("schoolgate.")]


def test_declares_for_every_model_how_sensitive_it_is_and_how_long_it_is_kept():
    undeclared = [
        model._meta.label
        for model in ours()
        if getattr(getattr(model, "Privacy", None), "level", None) not in LEVELS
        or not getattr(model.Privacy, "kept", "").strip()
    ]
    assert not undeclared


def test_overrides_only_fields_that_exist_with_levels_that_exist():
    wrong = [
        f"{model._meta.label}.{name}"
        for model in ours()
        for name, level in getattr(getattr(model, "Privacy", None), "fields", {}).items()
        if level not in LEVELS or name not in {field.name for field in model._meta.get_fields()}
    ]
    assert not wrong
