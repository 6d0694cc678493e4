"""Attempts to sign in are counted by all web processes together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.cache.backends.db import DatabaseCache

from schoolgate.accounts.actions import forget_counts
from schoolgate.accounts.models import SharedCount
from schoolgate.commands.child_processes import COMMAND
from schoolgate.lib import clock, embedded_postgres

ATTEMPTS = """
import django
django.setup()
from django.test import Client
for _ in range(3):
    answer = Client().post("/accounts/login/", {"login": "olwen", "password": "wrong"}, HTTP_HOST="localhost")
    print("too many" if b"Too many failed" in answer.content else "wrong")
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a demo whose database was made a moment ago."""
    folder = tmp_path_factory.mktemp("signing-in")
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    own = {"SCHOOLGATE_DATA_DIR": str(folder), "SCHOOLGATE_DEMO": "1"}
    environment = {**kept, **own, "DJANGO_SETTINGS_MODULE": "schoolgate.config.settings"}
    subprocess.run([*COMMAND, "migrate", "--quiet"], env=environment, check=True)
    yield environment
    embedded_postgres.stop(Path(folder))


def _three_attempts(environment: dict[str, str]) -> list[str]:
    """What a web process of its own answers to three wrong passwords."""
    process = subprocess.run(
        [sys.executable, "-c", ATTEMPTS], env=environment, check=True, capture_output=True, text=True
    )
    return process.stdout.splitlines()


def test_refuses_the_sixth_wrong_password_whichever_process_it_comes_to(fresh):
    assert _three_attempts(fresh) == ["wrong", "wrong", "wrong"]
    assert _three_attempts(fresh) == ["wrong", "wrong", "too many"]


@pytest.mark.django_db
def test_lets_every_process_see_what_another_counted():
    other = DatabaseCache("shared_count", {})
    other.set("counted", [1.0, 2.0], 60)
    assert cache.get("counted") == [1.0, 2.0]
    assert cache.add("counted", "mine", 60) is False


@pytest.mark.django_db
def test_forgets_once_a_day_what_has_expired():
    cache.set("old", 1, 60)
    cache.set("new", 1, 3 * 24 * 60 * 60)
    assert forget_counts(now=clock.now() + timedelta(days=1)) == 1
    assert [row.cache_key for row in SharedCount.objects.all()] == [":1:new"]


@pytest.mark.django_db
def test_keeps_no_name_of_who_tried(client):
    client.post("/accounts/login/", {"login": "olwen.pryce@wharfdale.invalid", "password": "wrong"})
    kept = " ".join(f"{row.cache_key} {row.value}" for row in SharedCount.objects.all())
    assert kept
    assert "olwen" not in kept
