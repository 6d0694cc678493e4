"""What every test that uses the database, or a house of real processes, shares."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Before the test database is dropped, ends sessions that threads of a live server still keep open."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def house_left_as_found(request: pytest.FixtureRequest) -> Iterator[None]:
    """A house that several tests share is whole again after each, also after one that failed half-way."""
    if "house" not in request.fixturenames:
        yield
        return
    with request.getfixturevalue("house").left_as_found():
        yield
