"""# A move to SIMS Primary is irreversible

The database itself refuses to undo it, whoever asks; the connection's settings stay editable.
"""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from tests import cast

from schoolgate.bases.actions import edit_base, save_connection
from schoolgate.bases.models import Base
from schoolgate.bases.queries import credentials_for

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "undoing", ["mis = 'sims7'", "moved_to_sims_primary_at = NULL", "moved_to_sims_primary_at = now()"]
)
def test_the_database_refuses_to_undo_it(undoing):
    base = cast.base()
    with (
        pytest.raises(IntegrityError, match="cannot be undone"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE base SET {undoing} WHERE id = %s", [base.pk])
    assert Base.objects.get(pk=base.pk).mis == "sims_primary"


def test_all_else_of_the_base_can_still_be_edited():
    base = cast.base()
    edit_base(base.pk, name="Ashgrove Academy", by=None, now=cast.NOW)
    assert Base.objects.get(pk=base.pk).name == "Ashgrove Academy"


def test_the_settings_can_still_be_changed():
    base = cast.base()
    values = {
        "client_id": "another-client",
        "secret": "another secret",
        "subscription_key": "another key",
        "organisation_id": "9d2e",
    }
    save_connection(base.pk, mis=base.mis, values=values, by=None, now=cast.NOW)
    assert credentials_for(base.pk, mis=base.mis).values["client_id"] == "another-client"
