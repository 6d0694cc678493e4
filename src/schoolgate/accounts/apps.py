"""Tells Django about the room `accounts`."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The room `accounts`: its models carry this label."""

    name = "schoolgate.accounts"
    label = "accounts"
