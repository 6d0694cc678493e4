"""System, Connections: who may see and change what is taken for granted of a source, and how."""

from __future__ import annotations

import pytest
from django.test import Client
from tests import cast

from schoolgate.audit.models import Event
from schoolgate.collecting.models import SourceSetting

HERE = "/system/connections/"
OVERLAP = f"{HERE}sims_primary/settings/overlap_seconds/"

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    cast.authority()
    client = Client()
    client.force_login(user)
    return client


def test_shows_an_officer_everything_and_who_may_change_it():
    officer = signed_in(cast.officer())
    page = officer.get(HERE).content.decode()
    assert "An administrator can change it." in page
    assert "SCHOOLGATE_SOURCE_HOSTS" in page
    assert OVERLAP not in page
    for address in (OVERLAP, f"{HERE}sims_primary/limits/"):
        assert officer.get(address).status_code == 403
        assert officer.post(address, {"value": "60", "is_confirmed": "yes"}).status_code == 403
    assert signed_in(cast.reader()).get(HERE).status_code == 403


def test_changes_nothing_before_it_is_confirmed():
    cast.base()
    administrator = signed_in(cast.administrator())
    page = administrator.post(OVERLAP, {"value": "60"}).content.decode()
    assert "This bears on the one base on SIMS Primary" in page
    assert not SourceSetting.objects.exists()
    administrator.post(OVERLAP, {"value": "60", "is_confirmed": "yes"})
    assert SourceSetting.objects.get().value == "60"
    assert Event.objects.get(name="collecting.setting.set").details["after"] == "60"
    page = administrator.get(HERE).content.decode()
    assert "Ships as 300 seconds." in page
    assert "by Amir Haddad" in page


def test_refuses_a_wrong_value_even_when_it_is_said_to_be_confirmed():
    page = signed_in(cast.administrator()).post(OVERLAP, {"value": "x", "is_confirmed": "yes"})
    assert "Enter a whole number from 0 to 86,400 seconds." in page.content.decode()
    assert not SourceSetting.objects.exists()


def test_keeps_the_default_as_no_value_of_ones_own():
    administrator = signed_in(cast.administrator())
    administrator.post(OVERLAP, {"value": "60", "is_confirmed": "yes"})
    administrator.post(OVERLAP, {"value": "300", "is_confirmed": "yes"})
    assert not SourceSetting.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        f"{HERE}sims7/settings/overlap_seconds/",
        f"{HERE}sims_primary/settings/colour/",
        f"{HERE}sims_primary/settings/allowed_hosts/",
        f"{HERE}arbor/limits/",
        "/mapping/?mis=arbor",
    ],
)
def test_does_not_find_what_there_is_not_or_what_is_the_operators(address):
    assert signed_in(cast.administrator()).get(address).status_code == 404


def test_lets_a_setting_be_removed_that_a_newer_release_does_not_know():
    SourceSetting.objects.create(mis="sims_primary", name="colour", value="blue", changed_at=cast.NOW)
    administrator = signed_in(cast.administrator())
    assert "this release knows no such setting" in administrator.get(HERE).content.decode()
    administrator.post(f"{HERE}sims_primary/settings/colour/reset/")
    assert not SourceSetting.objects.exists()
    assert administrator.post(f"{HERE}sims_primary/settings/colour/reset/").status_code == 404
