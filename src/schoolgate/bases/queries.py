"""Finds bases, says how their connections stand, and opens credentials for those who call the source."""

from __future__ import annotations

from django.db import connection as database
from django.db.models import Q, QuerySet

from schoolgate.accounts.scopes import Scope
from schoolgate.bases.models import Base, Connection
from schoolgate.bases.rules import WORKS, ConnectionState, Credentials, connection_state
from schoolgate.bases.seals import unseal


class NoConnectionError(Exception):
    """The base has no connection settings."""


def seen(scope: Scope) -> QuerySet[Base]:
    """The bases inside a scope."""
    return scope.narrow(Base.objects.all(), "pk")


def search(
    scope: Scope, *, text: str = "", mis: str = "", is_active: bool | None = None, connection: str = ""
) -> QuerySet[Base]:
    """Bases by name, DfE number or URN, MIS, status and state of connection; with their connection."""
    found = seen(scope).select_related("connection").order_by("name", "pk")
    for word in text.split():
        found = found.filter(
            Q(name__icontains=word)
            | Q(dfe_number__startswith=word.replace("/", ""))
            | Q(urn__startswith=word)
        )
    if mis:
        found = found.filter(mis=mis)
    if is_active is not None:
        found = found.filter(is_active=is_active)
    if connection:
        found = found.filter(_connection_is(ConnectionState(connection)))
    return found


def _connection_is(state: ConnectionState) -> Q:
    untested = Q(connection__isnull=False, connection__tested_at__isnull=True)
    works = Q(connection__tested_at__isnull=False, connection__test_outcome=WORKS)
    return {
        ConnectionState.MISSING: Q(connection__isnull=True),
        ConnectionState.UNTESTED: untested,
        ConnectionState.WORKS: works,
        ConnectionState.FAILS: Q(connection__tested_at__isnull=False) & ~Q(connection__test_outcome=WORKS),
    }[state]


def by_dfe_number(dfe_number: str) -> Base | None:
    """The base with this number, or none."""
    return Base.objects.filter(dfe_number=dfe_number).first()


def connection_of(base: Base) -> Connection | None:
    """The connection's row, whose secrets stay sealed."""
    return Connection.objects.filter(base=base).first()


def state_of(connection: Connection | None) -> ConnectionState:
    """How a connection stands."""
    if connection is None:
        return ConnectionState.MISSING
    return connection_state(
        has_connection=True, is_tested=connection.tested_at is not None, outcome=connection.test_outcome
    )


def credentials_for(base_id: int) -> Credentials:
    """The base's connection opened for use, never to be shown or logged. Raises NoConnectionError."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT client_id, secret, subscription_key, organisation_id, token_url, api_url, version"
            " FROM base_connection WHERE base_id = %s",
            [base_id],
        )
        kept = cursor.fetchone()
    if kept is None:
        raise NoConnectionError
    client_id, secret, subscription_key, organisation_id, token_url, api_url, version = kept
    return Credentials(
        client_id=client_id,
        secret=unseal(secret, base_id=base_id, field="secret"),
        subscription_key=unseal(subscription_key, base_id=base_id, field="subscription_key"),
        organisation_id=organisation_id,
        token_url=token_url,
        api_url=api_url,
        version=version,
    )
