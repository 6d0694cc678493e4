"""Tells Django about the room `audit`."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The room `audit`: its models carry this label."""

    name = "schoolgate.audit"
    label = "audit"
