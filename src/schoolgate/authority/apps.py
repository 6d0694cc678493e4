"""Tells Django about the room `authority`."""

from __future__ import annotations

from django.apps import AppConfig


class AuthorityConfig(AppConfig):
    """The room `authority`: its models carry this label."""

    name = "schoolgate.authority"
    label = "authority"
