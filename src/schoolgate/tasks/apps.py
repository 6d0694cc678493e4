"""Tells Django about the room `tasks`."""

from __future__ import annotations

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """The room `tasks`: its models carry this label."""

    name = "schoolgate.tasks"
    label = "tasks"
