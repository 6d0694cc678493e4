"""Tells Django about the room `receiving`."""

from __future__ import annotations

from django.apps import AppConfig


class ReceivingConfig(AppConfig):
    """The room `receiving`: its models carry this label."""

    name = "schoolgate.receiving"
    label = "receiving"
