"""Finds bases, says how their connections stand, and opens credentials for those who call the source."""

from __future__ import annotations

import msgspec
from django.db import connection as database
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from schoolgate.accounts.scopes import Scope
from schoolgate.bases.models import Base, Connection
from schoolgate.bases.rules import ConnectionState, connection_state
from schoolgate.bases.seals import unseal
from schoolgate.connectors.declarations import WORKS
from schoolgate.connectors.port import Credentials
from schoolgate.connectors.registry import CONNECTORS
from schoolgate.lib.unreadable import is_readable

_texts_from = msgspec.json.Decoder(dict[str, str]).decode


def by_name(base: str = "") -> tuple[str, str, str]:
    """How every list of bases, or of rows that have one, is ordered: as people sort names, then by the row.

    ``base`` is the way from a row to its base. Bases that the release before this one added stand first.
    """
    way = f"{base}__" if base else ""
    return (f"{way}sort_name", f"{way}name", "pk")


class NoConnectionError(Exception):
    """The base has no connection settings."""


def seen(scope: Scope) -> QuerySet[Base]:
    """The bases inside a scope."""
    return scope.narrow(Base.objects.all(), "pk")


def search(
    scope: Scope, *, text: str = "", mis: str = "", is_active: bool | None = None, connection: str = ""
) -> QuerySet[Base]:
    """Bases by name, DfE number or URN, MIS, status and state of connection; with their connections."""
    found = seen(scope).prefetch_related("connections").order_by(*by_name())
    if not is_readable(text):
        return found.none()
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
        found = found.alias(state=_state()).filter(state=ConnectionState(connection).value)
    return found


def _state() -> Coalesce:
    """The state of the connection that counts, by the same rules as ``Base.connection`` and ``state_of``."""
    counting = Connection.objects.filter(base=OuterRef("pk")).filter(
        Q(mis=F("base__mis")) | ~Q(base__mis__in=list(CONNECTORS))
    )
    state = Case(
        When(tested_at__isnull=True, then=Value(ConnectionState.UNTESTED.value)),
        When(test_outcome=WORKS, then=Value(ConnectionState.WORKS.value)),
        default=Value(ConnectionState.FAILS.value),
    )
    newest = counting.order_by("-changed_at", "-mis").values_list(state)[:1]
    return Coalesce(Subquery(newest), Value(ConnectionState.MISSING.value))


def by_dfe_number(dfe_number: str) -> Base | None:
    """The base with this number, or none."""
    return Base.objects.filter(dfe_number=dfe_number).first()


def connection_of(base: Base, mis: str) -> Connection | None:
    """The base's connection to this MIS, whose secrets stay sealed."""
    return next((each for each in base.connections.all() if each.mis == mis), None)


def state_of(connection: Connection | None) -> ConnectionState:
    """How a connection stands."""
    if connection is None:
        return ConnectionState.MISSING
    return connection_state(
        has_connection=True, is_tested=connection.tested_at is not None, outcome=connection.test_outcome
    )


def credentials_for(base_id: int, *, mis: str) -> Credentials:
    """The base's connection to this MIS opened for use, never to be shown or logged.

    Raises NoConnectionError. One statement.
    """
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT plain::text, sealed::text, version FROM base_connection WHERE base_id = %s AND mis = %s",
            [base_id, mis],
        )
        kept = cursor.fetchone()
    if kept is None:
        raise NoConnectionError
    plain, sealed, version = kept
    opened = {
        name: unseal(text, base_id=base_id, mis=mis, name=name) for name, text in _texts_from(sealed).items()
    }
    return Credentials(values=_texts_from(plain) | opened, version=version)
