"""Testing a base's connection from its page."""

from __future__ import annotations

import pytest
from django.test import Client
from tests import cast

from schoolgate.bases.models import Connection
from schoolgate.connectors.declarations import TestOutcome
from schoolgate.console.bases import connecting
from schoolgate.tasks.models import Membership


@pytest.fixture
def client(db) -> Client:
    client = Client()
    client.force_login(cast.administrator())
    return client


def _answer(monkeypatch, outcome: TestOutcome) -> None:
    monkeypatch.setattr(connecting, "try_connection", lambda *_, **__: outcome)


def test_keeps_that_a_connection_works_and_queues_what_waited_for_it(client, monkeypatch):
    base = cast.base_on_sims_7()
    cast.connect(base, is_tested=False)
    client.post(f"/bases/{base.pk}/sims-primary/", {"moved_on": "2026-09-01", "is_confirmed": "on"})
    cast.task(base)
    assert Membership.objects.get().pending_reason == "connection_untested"
    _answer(monkeypatch, TestOutcome(code="works", sentence="The connection works."))
    client.post(f"/bases/{base.pk}/sims-primary-settings/test/")
    assert Connection.objects.get(base=base).test_outcome == "works"
    assert Membership.objects.get().pending_reason == ""
    assert "</time>: works." in client.get(f"/bases/{base.pk}/sims-primary-settings/").content.decode()


def test_tells_in_words_what_is_wrong_and_what_to_do(client, monkeypatch):
    base = cast.base()
    outcome = TestOutcome(
        code="source.wrong_secret", sentence="The secret is not accepted.", remedy="Enter the newest one."
    )
    _answer(monkeypatch, outcome)
    page = client.post(f"/bases/{base.pk}/sims-primary-settings/test/", follow=True).content.decode()
    assert "The secret is not accepted. Enter the newest one." in page
    assert "source.wrong_secret" not in page


def test_has_nothing_to_test_before_there_are_settings(client):
    base = cast.base_on_sims_7()
    page = client.post(f"/bases/{base.pk}/sims-primary-settings/test/", follow=True).content.decode()
    assert "Enter the four settings first." in page


def test_tests_the_settings_of_a_base_that_has_not_moved_yet(client, monkeypatch):
    asked = []
    base = cast.base_on_sims_7()
    cast.connect(base, is_tested=False)
    monkeypatch.setattr(
        connecting,
        "try_connection",
        lambda _base, *, mis: asked.append(mis) or TestOutcome(code="works", sentence="It works."),
    )
    client.post(f"/bases/{base.pk}/sims-primary-settings/test/")
    assert asked == ["sims_primary"]
