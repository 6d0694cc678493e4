"""Tells Django about the room `collecting`."""

from __future__ import annotations

from django.apps import AppConfig


class CollectingConfig(AppConfig):
    """The room `collecting`: its models carry this label."""

    name = "schoolgate.collecting"
    label = "collecting"
