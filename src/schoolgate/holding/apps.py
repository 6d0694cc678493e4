"""Tells Django about the room `holding`."""

from __future__ import annotations

from django.apps import AppConfig


class HoldingConfig(AppConfig):
    """The room `holding`: its models carry this label."""

    name = "schoolgate.holding"
    label = "holding"
