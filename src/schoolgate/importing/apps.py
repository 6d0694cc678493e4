"""Tells Django about the room `importing`."""

from __future__ import annotations

from django.apps import AppConfig


class ImportingConfig(AppConfig):
    """The room `importing`: its models carry this label."""

    name = "schoolgate.importing"
    label = "importing"
