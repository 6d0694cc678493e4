"""Tells Django about the room `blocks`."""

from __future__ import annotations

from django.apps import AppConfig


class BlocksConfig(AppConfig):
    """The room `blocks`: its models carry this label."""

    name = "schoolgate.blocks"
    label = "blocks"
