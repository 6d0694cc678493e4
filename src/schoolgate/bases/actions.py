"""Adds and edits bases, keeps their connections, and starts them on SIMS Primary."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction

from schoolgate.audit.actions import record_event
from schoolgate.authority.queries import the
from schoolgate.bases.models import Base, Connection, Mis
from schoolgate.bases.rules import (
    RefusedError,
    check_complete,
    check_dfe_number,
    check_known,
    check_urn,
)
from schoolgate.bases.seals import seal, unseal
from schoolgate.connectors import registry
from schoolgate.lib.folding import sort_key
from schoolgate.lib.sealed import SealBroken

EDITABLE = frozenset(
    {
        "dfe_number",
        "urn",
        "name",
        "phase",
        "contact_name",
        "contact_email",
        "telephone",
        "address",
        "is_active",
        "is_locked",
    }
)


@transaction.atomic
def create_base(
    *,
    dfe_number: str,
    name: str,
    urn: str = "",
    phase: str = "",
    contact_name: str = "",
    contact_email: str = "",
    telephone: str = "",
    address: str = "",
    by: int | None,
    now: datetime,
) -> Base:
    """Adds a base, on SIMS 7 until it is started on SIMS Primary. Refuses a DfE number twice."""
    _check_numbers(dfe_number, urn, except_base_id=None)
    base = Base.objects.create(
        dfe_number=dfe_number,
        name=name,
        sort_name=sort_key(name),
        urn=urn,
        phase=phase,
        contact_name=contact_name,
        contact_email=contact_email,
        telephone=telephone,
        address=address,
    )
    record_event("bases.base.created", now=now, user_id=by, base_id=base.pk)
    return base


@transaction.atomic
def edit_base(base_id: int, *, by: int | None, now: datetime, **changes: Any) -> Base:
    """Changes fields of a base (those of ``EDITABLE``); the audit keeps which, not what they held."""
    unknown = changes.keys() - EDITABLE
    if unknown:
        raise TypeError(f"not fields one can edit: {sorted(unknown)}")
    base = Base.objects.select_for_update(no_key=True).get(pk=base_id)
    changed = sorted(name for name, value in changes.items() if getattr(base, name) != value)
    for name in changed:
        setattr(base, name, changes[name])
    if {"dfe_number", "urn"} & set(changed):
        _check_numbers(base.dfe_number, base.urn, except_base_id=base_id)
    base.sort_name = sort_key(base.name)
    if changed:
        base.save(update_fields=[*changed, "sort_name"])
        record_event("bases.base.edited", now=now, user_id=by, base_id=base_id, details={"fields": changed})
    return base


def _check_numbers(dfe_number: str, urn: str, *, except_base_id: int | None) -> None:
    check_dfe_number(dfe_number, la_number=the().la_number)
    check_urn(urn)
    others = Base.objects.exclude(pk=except_base_id) if except_base_id else Base.objects.all()
    if others.filter(dfe_number=dfe_number).exists():
        raise RefusedError(
            "bases.dfe_number_twice",
            "There is a base with this DfE number already.",
            "Search for it and edit it instead.",
        )


@transaction.atomic
def save_connection(
    base_id: int, *, mis: str, values: Mapping[str, str], by: int | None, now: datetime
) -> Connection:
    """Keeps a base's settings for a MIS, as its connector declares them, sealed where secret.

    An empty secret leaves the kept one as it is; what is not given is empty. Refuses when a setting that
    is needed is missing. A changed connection counts as untested. Raises NoConnectorError.
    """
    connector = registry.of(mis)
    declared = connector.connection_settings
    check_known(declared, values)
    Base.objects.select_for_update(no_key=True).get(pk=base_id)
    kept = Connection.objects.filter(base_id=base_id, mis=mis).first()
    held = _held(kept)
    given = {each.name: values.get(each.name, "").strip() for each in declared}
    given |= {
        each.name: held.get(each.name, "") for each in declared if each.is_secret and not given[each.name]
    }
    check_complete(declared, given, where_they_stand=connector.words.where_settings_stand)
    changed = sorted(name for name, value in given.items() if kept is None or value != held.get(name, ""))
    if kept is not None and not changed:
        return kept
    connection = kept or Connection(base_id=base_id, mis=mis, version=0)
    connection.plain = {each.name: given[each.name] for each in declared if not each.is_secret}
    connection.sealed = {
        each.name: seal(given[each.name], base_id=base_id, mis=mis, name=each.name)
        for each in declared
        if each.is_secret
    }
    return _keep(connection, changed=changed, by=by, now=now)


def _held(connection: Connection | None) -> dict[str, str]:
    """What is kept, opened. What was sealed with a key that is gone counts as missing: it is typed again."""
    if connection is None:
        return {}
    held = dict(connection.plain)
    for name, text in connection.sealed.items():
        with suppress(SealBroken):
            held[name] = unseal(text, base_id=connection.base_id, mis=connection.mis, name=name)
    return held


def _keep(connection: Connection, *, changed: list[str], by: int | None, now: datetime) -> Connection:
    connection.version += 1
    connection.changed_at = now
    connection.tested_at = None
    connection.test_outcome = connection.test_sentence = ""
    connection.save()
    details = {"mis": connection.mis, "fields": changed}
    record_event("bases.connection.saved", now=now, user_id=by, base_id=connection.base_id, details=details)
    return connection


@transaction.atomic
def start_on_sims_primary(base_id: int, *, moved_at: datetime, by: int | None, now: datetime) -> Base:
    """Makes the base a SIMS Primary base, which can never be undone: the database refuses to.

    ``moved_at`` is where the source's change tracking begins. Refuses a base without its connection
    settings, one that is on SIMS Primary already, and a moment that has not come.
    """
    base = Base.objects.select_for_update(no_key=True).get(pk=base_id)
    if base.mis == Mis.SIMS_PRIMARY:
        raise RefusedError(
            "bases.already_on_sims_primary",
            "This base is on SIMS Primary already.",
            "Nothing is left to do; its connection settings can still be edited.",
        )
    if not Connection.objects.filter(base=base, mis=Mis.SIMS_PRIMARY).exists():
        raise RefusedError(
            "bases.no_connection",
            "The SIMS Primary API settings of this base are missing.",
            "Enter Client ID, Secret, Subscription Key and Organisation ID first.",
        )
    if moved_at > now:
        raise RefusedError(
            "bases.moves_later",
            "The moment of the move has not come yet.",
            "Give the moment the school moved, or wait for it.",
        )
    base.mis = Mis.SIMS_PRIMARY
    base.moved_to_sims_primary_at = moved_at
    base.save(update_fields=["mis", "moved_to_sims_primary_at"])
    record_event("bases.base.started_on_sims_primary", now=now, user_id=by, base_id=base_id)
    return base


@transaction.atomic
def record_test(
    base_id: int,
    *,
    mis: str,
    outcome: str,
    sentence: str = "",
    version: int | None = None,
    by: int | None,
    now: datetime,
) -> bool:
    """Keeps what a connection test found: ``"works"`` or the connector's code, with its sentence.

    ``version`` is that of the credentials tested; a test of settings changed meanwhile is not kept,
    and the answer is no.
    """
    tested = Connection.objects.filter(base_id=base_id, mis=mis)
    if version is not None:
        tested = tested.filter(version=version)
    is_kept = bool(tested.update(tested_at=now, test_outcome=outcome, test_sentence=sentence))
    if is_kept:
        details = {"mis": mis, "outcome": outcome}
        record_event("bases.connection.tested", now=now, user_id=by, base_id=base_id, details=details)
    return is_kept
