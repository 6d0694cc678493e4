"""Tells Django about the room `pages`."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The room `pages`: its models carry this label."""

    name = "schoolgate.pages"
    label = "pages"
