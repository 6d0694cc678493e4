"""An administrator who knows better than the connector: says so, is told what it means, and goes back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.scenery import PARTNER_URL, Scenery
from tests.journeys.test_every_page import look_at

from schoolgate.collecting.models import SourceLimit, SourceSetting

pytestmark = pytest.mark.journey


def test_changes_a_setting_once_it_is_confirmed_and_goes_back(desk: Page, scenery: Scenery) -> None:
    desk.goto("/system/defaults/")
    desk.get_by_role("navigation", name="System").get_by_role("link", name="Connections").click()
    expect(desk.get_by_text("10 bases are collected from SIMS Primary.")).to_be_visible()
    expect(desk.get_by_text("1 setting has been given a value of your own.")).to_be_visible()
    desk.get_by_role("link", name="Change Name of the count").click()
    desk.get_by_label("Name of the count").fill("odata.count")
    desk.get_by_role("button", name="Continue").click()
    expect(desk.get_by_text("This bears on all 10 bases on SIMS Primary")).to_be_visible()
    assert not SourceSetting.objects.filter(name="count_name").exists()
    desk.get_by_role("button", name="Make the change").click()
    expect(desk.get_by_text("Name of the count of SIMS Primary is now odata.count.")).to_be_visible()
    assert SourceSetting.objects.get(name="count_name").value == "odata.count"
    desk.get_by_role("link", name="Change Name of the count").click()
    desk.get_by_role("button", name="Go back to the default").click()
    desk.get_by_role("button", name="Make the change").click()
    expect(desk.get_by_text("Name of the count of SIMS Primary is now @odata.count.")).to_be_visible()
    assert not SourceSetting.objects.filter(name="count_name").exists()


@pytest.mark.parametrize("width", [1280, 375])
def test_asks_before_it_changes_every_base(desk: Page, scenery: Scenery, width: int) -> None:
    desk.set_viewport_size({"width": width, "height": 800})
    desk.goto("/system/connections/sims_primary/settings/overlap_seconds/")
    desk.get_by_label("Overlap (seconds)").fill("600")
    desk.get_by_role("button", name="Continue").click()
    assert look_at(desk, "connection-confirm", width) == []


def test_says_beside_the_field_what_a_value_may_be(desk: Page, scenery: Scenery) -> None:
    desk.goto("/system/connections/sims_primary/settings/overlap_seconds/")
    desk.get_by_label("Overlap (seconds)").fill("soon")
    desk.get_by_role("button", name="Continue").click()
    expect(desk.get_by_role("alert")).to_contain_text("Enter a whole number from 0 to 86,400 seconds.")
    assert look_at(desk, "connection-setting-wrong", 1280) == []


def test_shows_what_can_not_be_used_any_more_first(desk: Page, scenery: Scenery) -> None:
    SourceSetting.objects.update(value="soon")
    desk.goto("/system/connections/")
    expect(desk.get_by_text("until this is mended: Overlap.")).to_be_visible()
    assert look_at(desk, "connections-broken", 1280) == []


def test_gives_an_address_a_pace_of_its_own(desk: Page, scenery: Scenery) -> None:
    desk.goto("/system/connections/")
    desk.get_by_role("link", name="Add a limit for an address").click()
    desk.get_by_label("Address of the API").fill("https://other.example.invalid/API/")
    desk.get_by_label("Calls a second").fill("3")
    desk.get_by_role("button", name="Continue").click()
    desk.get_by_role("button", name="Make the change").click()
    desk.get_by_role("link", name="Change the limit of https://other.example.invalid/api").click()
    desk.get_by_role("button", name="Remove this limit").click()
    desk.get_by_role("button", name="Make the change").click()
    expect(desk.get_by_text("has no limit of its own any more.")).to_be_visible()
    assert [each.api_url for each in SourceLimit.objects.all()] == [PARTNER_URL]
