"""An installation's connections are taken from columns to settings by MIS, and back, without losing a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from tests import cast

from schoolgate.bases.models import Connection
from schoolgate.bases.queries import credentials_for
from schoolgate.lib.sealed import Sealer, sealer_from

pytestmark = pytest.mark.django_db(transaction=True)
COLUMNS, BY_MIS = "0003_sort_name", "0004_connections_by_mis"


@pytest.fixture(autouse=True)
def before() -> Iterator[None]:
    yield
    call_command("migrate", "bases", verbosity=0)


def migrate(target: str) -> None:
    call_command("migrate", "bases", target, verbosity=0)


def kept_in_columns(sealer: Sealer, base_id: int) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT client_id, secret, subscription_key, organisation_id, token_url, api_url, version::text, "
            "test_outcome FROM base_connection WHERE base_id = %s",
            [base_id],
        )
        names = [each.name for each in cursor.description]
        found = dict(zip(names, cursor.fetchone(), strict=True))
    for name in ("secret", "subscription_key"):
        found[name] = sealer.open(found[name], place=f"bases:{base_id}:{name}")
    return found


def test_keeps_every_setting_and_how_it_was_tested_on_the_way_there_and_back():
    base, sealer = cast.base(), sealer_from(settings.ENCRYPTION_KEYS)
    migrate(COLUMNS)
    told = kept_in_columns(sealer, base.pk)
    assert told == {
        "client_id": "schoolgate-820", "secret": cast.SECRET, "subscription_key": cast.SUBSCRIPTION_KEY,
        "organisation_id": "6f1c", "token_url": "", "api_url": "", "version": "1", "test_outcome": "works",
    }  # fmt: skip
    migrate(BY_MIS)
    kept = Connection.objects.get(base=base)
    assert (kept.mis, kept.version, kept.test_outcome) == ("sims_primary", 1, "works")
    assert cast.SECRET not in json.dumps([kept.plain, kept.sealed])
    opened = credentials_for(base.pk, mis="sims_primary")
    assert {name: opened.values[name] for name in opened.values} == {
        name: told[name] for name in told.keys() - {"version", "test_outcome"}
    }
    migrate(COLUMNS)
    assert kept_in_columns(sealer, base.pk) == told


def test_lets_a_secret_whose_key_is_gone_count_as_missing():
    base = cast.base()
    migrate(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE base_connection SET secret = replace(secret, 'v1.', 'v1.gone')")
    migrate(BY_MIS)
    assert set(Connection.objects.get(base=base).sealed) == {"subscription_key"}
