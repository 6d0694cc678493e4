"""Tells Django about the room `console`."""

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The room `console`: its models carry this label."""

    name = "schoolgate.console"
    label = "console"
