"""Tells Django about the room `matching`."""

from __future__ import annotations

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    """The room `matching`: its models carry this label."""

    name = "schoolgate.matching"
    label = "matching"
