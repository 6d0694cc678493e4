"""Tells Django about the room `scheduling`."""

from __future__ import annotations

from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    """The room `scheduling`: its models carry this label."""

    name = "schoolgate.scheduling"
    label = "scheduling"
