"""Tells Django about the room `maintenance`."""

from __future__ import annotations

from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    """The room `maintenance`: its models carry this label."""

    name = "schoolgate.maintenance"
    label = "maintenance"
