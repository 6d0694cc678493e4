"""Bases: adding, editing, sealed connections, and the move that can't be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from tests import cast

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.audit.models import Event
from schoolgate.bases import access, queries
from schoolgate.bases.actions import (
    create_base,
    edit_base,
    record_test,
    save_connection,
    start_on_sims_primary,
)
from schoolgate.bases.models import Base, Connection, Mis, source_of
from schoolgate.bases.rules import ConnectionState, RefusedError
from schoolgate.connectors.registry import CONNECTORS
from schoolgate.lib.sealed import SealBroken
from schoolgate_message.source_keys import source_key

pytestmark = pytest.mark.django_db

SETTINGS = {"client_id": "new-client", "secret": "", "subscription_key": "", "organisation_id": "6f1c"}


def test_adds_a_base_and_says_who_did():
    cast.authority()
    officer = cast.officer()
    made = create_base(dfe_number="8201079", name="Ashgrove Primary", by=officer.pk, now=cast.NOW)
    event = Event.objects.get(name="bases.base.created")
    assert (event.base_id, event.user_id, made.mis) == (made.pk, officer.pk, Mis.SIMS_7)


def test_refuses_the_same_dfe_number_twice():
    base = cast.base_on_sims_7()
    other = cast.base_on_sims_7("Marsh Lane")
    with pytest.raises(RefusedError) as refused:
        edit_base(other.pk, dfe_number=base.dfe_number, by=None, now=cast.NOW)
    assert refused.value.code == "bases.dfe_number_twice"


def test_notes_which_fields_were_edited_and_not_what_they_held():
    base = cast.base_on_sims_7()
    edit_base(base.pk, contact_name="Head Teacher", name=base.name, by=None, now=cast.NOW)
    assert Event.objects.get(name="bases.base.edited").details == {"fields": ["contact_name"]}


def test_keeps_secrets_sealed_and_opens_them_for_use():
    base = cast.base()
    kept = Connection.objects.get(base=base)
    assert set(kept.sealed) == {"secret", "subscription_key"}
    assert cast.SECRET not in str([kept.plain, kept.sealed])
    assert cast.SUBSCRIPTION_KEY not in str([kept.plain, kept.sealed])
    opened = queries.credentials_for(base.pk, mis=base.mis)
    assert (opened.values["secret"], opened.values["subscription_key"]) == (
        cast.SECRET,
        cast.SUBSCRIPTION_KEY,
    )


def test_does_not_open_a_secret_copied_from_another_base():
    base, other = cast.base(), cast.base("Marsh Lane")
    Connection.objects.filter(base=other).update(sealed=Connection.objects.get(base=base).sealed)
    with pytest.raises(SealBroken):
        queries.credentials_for(other.pk, mis=other.mis)


def test_does_not_open_a_secret_moved_to_another_name_or_another_mis():
    base = cast.base()
    kept = Connection.objects.get(base=base)
    sealed = kept.sealed
    kept.sealed = {"secret": sealed["subscription_key"], "subscription_key": sealed["secret"]}
    kept.save()
    with pytest.raises(SealBroken):
        queries.credentials_for(base.pk, mis=base.mis)
    Connection.objects.filter(base=base).update(mis="another", sealed=sealed)
    with pytest.raises(SealBroken):
        queries.credentials_for(base.pk, mis="another")


def test_asks_for_all_four_settings():
    base = cast.base_on_sims_7()
    with pytest.raises(RefusedError, match="Secret and Subscription Key are missing"):
        save_connection(base.pk, mis=Mis.SIMS_PRIMARY, values=SETTINGS, by=None, now=cast.NOW)


def test_keeps_the_secret_when_it_is_left_empty_and_asks_for_a_new_test():
    base = cast.base()
    save_connection(base.pk, mis=Mis.SIMS_PRIMARY, values=SETTINGS, by=None, now=cast.NOW)
    opened = queries.credentials_for(base.pk, mis=base.mis)
    assert (opened.values["client_id"], opened.values["secret"], opened.version) == (
        "new-client",
        cast.SECRET,
        2,
    )
    assert queries.state_of(queries.connection_of(base, base.mis)) is ConnectionState.UNTESTED


def test_leaves_a_connection_saved_again_unchanged_as_tested_as_it_was():
    base = cast.base()
    cast.connect(base, is_tested=False)
    assert queries.state_of(queries.connection_of(base, base.mis)) is ConnectionState.WORKS


def test_does_not_keep_the_test_of_settings_that_were_changed_meanwhile():
    base = cast.base()
    save_connection(base.pk, mis=Mis.SIMS_PRIMARY, values=SETTINGS, by=None, now=cast.NOW)
    assert not record_test(base.pk, mis=base.mis, outcome="works", version=1, by=None, now=cast.NOW)
    assert record_test(base.pk, mis=base.mis, outcome="token.secret", version=2, by=None, now=cast.NOW)
    assert queries.state_of(queries.connection_of(base, base.mis)) is ConnectionState.FAILS


def test_starts_a_base_on_sims_primary_once():
    base = cast.base()
    assert (base.mis, base.moved_to_sims_primary_at) == (Mis.SIMS_PRIMARY, cast.MOVED_AT)
    with pytest.raises(RefusedError) as refused:
        start_on_sims_primary(base.pk, moved_at=cast.NOW, by=None, now=cast.NOW)
    assert refused.value.code == "bases.already_on_sims_primary"


def test_does_not_start_a_base_without_settings_or_before_its_time():
    base = cast.base_on_sims_7()
    with pytest.raises(RefusedError) as refused:
        start_on_sims_primary(base.pk, moved_at=cast.NOW, by=None, now=cast.NOW)
    assert refused.value.code == "bases.no_connection"
    cast.connect(base)
    with pytest.raises(RefusedError) as refused:
        start_on_sims_primary(base.pk, moved_at=cast.NOW + timedelta(days=1), by=None, now=cast.NOW)
    assert refused.value.code == "bases.moves_later"


@pytest.mark.parametrize(
    "undoing",
    ["mis = 'sims7'", "moved_to_sims_primary_at = NULL", "moved_to_sims_primary_at = now()"],
)
def test_the_database_itself_refuses_to_undo_the_move(undoing):
    base = cast.base()
    with (
        pytest.raises(IntegrityError, match="cannot be undone"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE base SET {undoing} WHERE id = %s", [base.pk])
    edit_base(base.pk, name="Ashgrove Academy", by=None, now=cast.NOW)


def test_finds_bases_by_name_number_mis_and_connection():
    ashgrove, kingsmead = cast.base(), cast.base_on_sims_7()

    def found(**sought):
        return list(queries.search(EVERYTHING, **sought))

    assert found(text="ash prim") == [ashgrove]
    assert found(text=f"{kingsmead.dfe_number[:3]}/{kingsmead.dfe_number[3:]}") == [kingsmead]
    assert found(mis="sims7") == [kingsmead]
    assert found(connection="missing") == [kingsmead]
    assert found(connection="works") == [ashgrove]
    assert found(is_active=False) == []


def test_shows_bases_to_those_who_may_see_them():
    base = cast.base()
    assert access.base_for(cast.officer(), base.pk) == base
    for somebody, wanted in ((cast.stranger(), base.pk), (cast.officer(), base.pk + 1)):
        with pytest.raises(Http404):
            access.base_for(somebody, wanted)
    assert Base.objects.count() == 1


@pytest.mark.parametrize("connector", CONNECTORS.values(), ids=lambda each: each.mis)
def test_the_source_of_a_mis_is_what_its_connectors_messages_call_it(connector):
    assert source_of(connector.mis) == source_key(connector.label)
