"""Tells Django about the room `runs`."""

from __future__ import annotations

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """The room `runs`: its models carry this label."""

    name = "schoolgate.runs"
    label = "runs"
