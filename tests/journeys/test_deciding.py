"""An officer decides what is held: looks at both sides, says why, and sees what became of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.scenery import Scenery
from tests.journeys.test_every_page import look_at

from schoolgate.holding.models import HeldItem
from schoolgate.runs.models import Run

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("width", [1280, 375, 320])
def test_releases_a_doubted_pupil_after_a_look_at_both_sides(
    desk: Page, scenery: Scenery, width: int
) -> None:
    desk.set_viewport_size({"width": width, "height": 800})
    desk.goto("/")
    desk.locator("main").get_by_role("link", name="Held").click()
    desk.get_by_role("link", name=re.compile("^Ashgrove Primary School.*Known id")).click()
    differing = desk.locator("tr.sg-differs").filter(has_text="Given name").first
    expect(differing).to_contain_text("Zoë")
    expect(differing).to_contain_text("Maximiliana")
    desk.get_by_role("button", name="Release: it is the same pupil").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Release: it is the same pupil")
    assert look_at(desk, "held-confirm", width) == []
    desk.get_by_role("button", name="Release 1 pupil").click()
    expect(desk.get_by_role("alert")).to_contain_text("Say in a few words why.")
    desk.get_by_label("Why").fill("Adopted; the school sent the new name.")
    desk.get_by_role("button", name="Release 1 pupil").click()
    expect(desk.get_by_role("status").first).to_contain_text("1 pupil released.")
    assert Run.objects.get(origin="release").base_id == scenery.bases[0].pk
    assert HeldItem.objects.filter(release_run_id__isnull=False).count() == 3


def test_refuses_two_of_a_dropped_year_without_script(without_script: Page, scenery: Scenery) -> None:
    page = without_script
    page.goto("/held/?cause=roll.absent")
    page.get_by_role("row", name="58 pupils").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Missing from the roll")
    boxes = page.get_by_role("checkbox", name=re.compile("^Choose"))
    boxes.nth(0).check()
    boxes.nth(1).check()
    page.get_by_role("button", name="Refuse").click()
    page.get_by_label("Why").fill("Both are here; the export was cut short.")
    page.get_by_role("button", name="Refuse for 2 pupils").click()
    expect(page.get_by_role("status").first).to_contain_text("Refused for 2 pupils.")
    expect(page.get_by_role("row", name="56 pupils")).to_be_visible()
    assert HeldItem.objects.filter(state="refused", kind="absence").count() == 2
