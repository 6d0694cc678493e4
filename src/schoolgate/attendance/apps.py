"""Tells Django about the room `attendance`."""

from __future__ import annotations

from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    """The room `attendance`: its models carry this label."""

    name = "schoolgate.attendance"
    label = "attendance"
