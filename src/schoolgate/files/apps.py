"""Tells Django about the room `files`."""

from __future__ import annotations

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """The room `files`: its models carry this label."""

    name = "schoolgate.files"
    label = "files"
