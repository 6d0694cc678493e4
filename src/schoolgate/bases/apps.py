"""Tells Django about the room `bases`."""

from __future__ import annotations

from django.apps import AppConfig


class BasesConfig(AppConfig):
    """The room `bases`: its models carry this label."""

    name = "schoolgate.bases"
    label = "bases"
