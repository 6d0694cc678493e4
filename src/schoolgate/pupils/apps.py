"""Tells Django about the room `pupils`."""

from __future__ import annotations

from django.apps import AppConfig


class PupilsConfig(AppConfig):
    """The room `pupils`: its models carry this label."""

    name = "schoolgate.pupils"
    label = "pupils"
