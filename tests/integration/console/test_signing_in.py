"""The pages of signing in that are allauth's stand in our frame and obey our policy."""

from __future__ import annotations

import pytest
from django.test import Client
from tests import cast

PAGES = ("/accounts/login/", "/accounts/password/reset/")
OWN_PAGES = ("/accounts/2fa/", "/accounts/password/change/", "/accounts/logout/", "/accounts/reauthenticate/")


def _is_ours(page: str) -> bool:
    return "sg-header" in page and "/static/schoolgate/app.css" in page and " style=" not in page


@pytest.mark.parametrize("address", PAGES)
def test_shows_a_visitor_our_frame(db, address):
    answer = Client().get(address)
    assert answer.status_code == 200
    assert _is_ours(answer.content.decode())


@pytest.mark.parametrize("address", OWN_PAGES)
def test_shows_a_person_our_frame(db, address):
    cast.authority()
    client = Client()
    client.force_login(cast.administrator())
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    assert _is_ours(answer.content.decode())
