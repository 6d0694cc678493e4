"""Whoever looks after an installation is told when a table lacks a piece; the service goes on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from tests import cast

from schoolgate.audit.models import RecordChange
from schoolgate.commands.doctor_checks import Finding, all_findings
from schoolgate.lib import clock
from schoolgate.maintenance.partitions import keep_partitions

pytestmark = pytest.mark.django_db
STRAYS = "record_change_default holds rows that belong into pieces of their own."


@pytest.fixture
def stray() -> RecordChange:
    at = datetime(2061, 3, 4, tzinfo=UTC)
    return RecordChange.objects.create(at=at, pupil_id=7, group="address", kind="added", reason="a clock")


def finding() -> Finding:
    return next(each for each in all_findings() if each.name == "Tables in pieces")


def test_is_content_with_a_new_installation(client):
    assert finding().is_well
    assert client.get("/health").json()["warnings"] == []


def test_says_so_to_doctor_monitor_and_officer_until_maintenance_was_there(client, stray):
    cast.authority()
    officer = Client()
    officer.force_login(cast.officer())
    found = finding()
    assert (found.is_well, found.is_needed, found.says) == (False, False, STRAYS)
    assert found.remedy
    told = client.get("/health").json()
    assert (told["ok"], told["warnings"]) == (True, [STRAYS])
    assert STRAYS in officer.get("/system/health/").content.decode()
    keep_partitions(now=clock.now())
    assert finding().is_well
    assert client.get("/health").json()["warnings"] == []
    assert STRAYS not in officer.get("/system/health/").content.decode()
