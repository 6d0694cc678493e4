"""What an officer comes to do, done in a real browser from the first click to the last."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.scenery import Scenery

from schoolgate.audit.models import Event
from schoolgate.authority.actions import set_defaults
from schoolgate.bases.models import Base, Connection
from schoolgate.collecting.models import MappingOverride
from schoolgate.runs.models import Run
from schoolgate.tasks.models import ScheduledTask

pytestmark = pytest.mark.journey


def test_adds_a_task_in_the_words_of_the_handbook(desk: Page, scenery: Scenery) -> None:
    base = scenery.bases[10]
    desk.goto("/tasks/")
    desk.get_by_label("Base Name or School Number").fill("Larkfield")
    desk.get_by_role("button", name="Search").click()
    desk.get_by_role("list", name="Bases to show").get_by_role("checkbox").check()
    desk.get_by_role("button", name="Add New Task").click()
    desk.get_by_label("Task Name").fill("Marks after the move")
    desk.get_by_label("Transfer Type").select_option("Export from School")
    desk.get_by_label("Data Filter Details").select_option("Attendance Data")
    expect(desk.get_by_text("It starts by itself when the base has moved")).to_be_visible()
    desk.get_by_role("radio", name="Attendance Changed Data (SIMS Primary)").check()
    desk.get_by_label("Start time").fill("03:15")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_role("status").first).to_contain_text("Every weekday at 3:15am, first on")
    made = ScheduledTask.objects.get(name="Marks after the move")
    assert made.data_type == "attendance_changed_data"
    assert [member.base_id for member in made.memberships.all()] == [base.pk]
    expect(desk.get_by_text("waits for migration to SIMS Primary")).to_be_visible()


def test_adds_a_task_without_script(without_script: Page, scenery: Scenery) -> None:
    base = scenery.bases[0]
    without_script.goto(f"/tasks/new/?base={base.pk}")
    without_script.get_by_label("Task Name").fill("Weekly snapshot")
    without_script.get_by_label("Data Filter Details").select_option("Snapshot Data")
    without_script.get_by_role("button", name="Save", exact=True).click()
    assert ScheduledTask.objects.get(name="Weekly snapshot").data_type == "snapshot"


def test_says_what_is_missing_beside_the_field(desk: Page, scenery: Scenery) -> None:
    desk.goto(f"/tasks/new/?base={scenery.bases[0].pk}")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_role("alert")).to_contain_text("There is a problem")
    expect(desk.locator("#id_name-error")).to_be_visible()
    assert ScheduledTask.objects.count() == 3


def test_replaces_a_secret_and_never_shows_the_old_one(desk: Page, scenery: Scenery) -> None:
    base = scenery.bases[9]
    desk.goto(f"/bases/{base.pk}/sims-primary-settings/")
    expect(desk.get_by_label("Secret", exact=True)).to_have_value("")
    assert "kestrel-harbour-42" not in desk.content()
    before = Connection.objects.get(base=base)
    desk.get_by_label("Secret", exact=True).fill("a newer secret")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("status").first).to_contain_text("The settings were saved")
    after = Connection.objects.get(base=base)
    assert after.version == before.version + 1
    assert after.tested_at is None
    assert "a newer secret" not in desk.content()


def test_asks_for_all_four_settings(desk: Page, scenery: Scenery) -> None:
    base = scenery.bases[11]
    desk.goto(f"/bases/{base.pk}/sims-primary-settings/")
    desk.get_by_label("Client ID").fill("wharfdale-12")
    desk.get_by_role("button", name="Save").click()
    for name in ("secret", "subscription_key", "organisation_id"):
        expect(desk.locator(f"#id_{name}-error")).to_be_visible()
    assert not Connection.objects.filter(base=base).exists()


def test_starts_a_base_on_sims_primary_only_after_confirmation(desk: Page, scenery: Scenery) -> None:
    base = scenery.bases[10]
    desk.goto(f"/bases/{base.pk}/edit/")
    desk.get_by_role("link", name="Tick SIMS Primary").click()
    expect(desk.get_by_text("is irreversible")).to_be_visible()
    desk.get_by_label("When did the school move to SIMS Primary?").fill("2026-09-01")
    desk.get_by_role("button", name="Yes, make it a SIMS Primary base").click()
    assert Base.objects.get(pk=base.pk).mis == "sims7"
    desk.get_by_role("checkbox").check()
    desk.get_by_label("When did the school move to SIMS Primary?").fill("2026-09-01")
    desk.get_by_role("button", name="Yes, make it a SIMS Primary base").click()
    expect(desk.get_by_role("status").first).to_contain_text("is now a SIMS Primary base")
    assert Base.objects.get(pk=base.pk).mis == "sims_primary"


def test_runs_a_base_now_and_cancels_it(desk: Page, scenery: Scenery) -> None:
    base = scenery.bases[4]
    desk.goto(f"/bases/{base.pk}/")
    desk.get_by_role("button", name="Run now").click()
    desk.get_by_role("radio", name="Snapshot Data").check()
    desk.get_by_role("button", name="Run now").click()
    expect(desk.get_by_role("status").first).to_contain_text("The run was asked for")
    run = Run.objects.filter(base=base).latest("id")
    assert (run.origin, run.data_type, run.priority) == ("ad_hoc", "snapshot", 10)
    desk.get_by_role("button", name="Cancel this run").click()
    expect(desk.get_by_role("heading", name="Cancel this run?")).to_be_visible()
    assert Run.objects.get(pk=run.pk).stage != "cancelled"
    desk.get_by_role("button", name="Cancel this run").click()
    expect(desk.get_by_text("was cancelled")).to_be_visible()
    assert Run.objects.get(pk=run.pk).stage == "cancelled"


def test_follows_a_run_while_it_works(desk: Page, scenery: Scenery) -> None:
    run = scenery.working
    assert run is not None
    set_defaults({"refresh_seconds": 1}, by=None, now=scenery.now)
    desk.goto(f"/runs/{run.pk}/")
    expect(desk.locator("#live")).to_contain_text("18 pages of 45")
    Run.objects.filter(pk=run.pk).update(progress={"pages": 31, "pages_expected": 45, "pupils": 2040})
    expect(desk.locator("#live")).to_contain_text("31 pages of 45")


def test_corrects_the_mapping_and_goes_back(desk: Page, scenery: Scenery) -> None:
    desk.goto("/mapping/")
    desk.get_by_role("link", name="Override Postcode").first.click()
    desk.get_by_label("Field", exact=True).fill("PostalCode")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_text("ships as PostCode")).to_be_visible()
    assert MappingOverride.objects.get().field == "PostalCode"
    desk.get_by_role("link", name="Edit Postcode").click()
    desk.get_by_role("button", name="Remove this override").click()
    assert not MappingOverride.objects.exists()


def test_finds_a_pupil_and_says_where_each_value_came_from(desk: Page, scenery: Scenery) -> None:
    desk.goto("/pupils/")
    desk.get_by_label("Name, UPN or date of birth").fill("o’brien 9/3/2017")
    desk.get_by_role("button", name="Search").click()
    desk.get_by_role("link", name="O’Brien-Łukasiewicz, Zoë").click()
    desk.get_by_role("link", name="Basic details").first.click()
    expect(desk.get_by_text("from Ashgrove Primary School, snapshot of").first).to_be_visible()


def test_narrows_the_task_log(desk: Page, scenery: Scenery) -> None:
    desk.goto("/log/")
    desk.get_by_label("Status").select_option("Failed")
    desk.get_by_role("button", name="Apply filters").click()
    expect(desk.get_by_text("Task count: 1", exact=True)).to_be_visible()
    desk.get_by_role("link", name="No file").click()
    expect(desk.get_by_text("What to do").first).to_be_visible()


def test_downloads_a_file_and_notes_who_took_it(desk: Page, scenery: Scenery, file_body: Any) -> None:
    assert scenery.run is not None
    desk.goto(f"/runs/{scenery.run.pk}/")
    with desk.expect_download() as got:
        desk.get_by_role("link", name="8201079_CES_820LLLL_005.xml").click()
    assert got.value.suggested_filename == "8201079_CES_820LLLL_005.xml"
    assert Event.objects.filter(name="files.file.downloaded").count() == 1


def test_shows_a_reader_the_register_and_nothing_else(readers_page: Page, scenery: Scenery) -> None:
    assert scenery.pupil is not None
    readers_page.goto("/")
    places = readers_page.get_by_role("navigation", name="Places").get_by_role("link")
    assert places.all_inner_texts() == ["Today", "Bases", "Pupils"]
    for address in ("/tasks/", "/log/", "/queue/", "/mapping/", "/bases/new/"):
        answer = readers_page.goto(address)
        assert answer is not None
        assert answer.status == 403
    answer = readers_page.goto(f"/pupils/{scenery.pupil.pk}/")
    assert answer is not None
    assert answer.status == 200


def test_is_used_by_keyboard_alone(desk: Page, scenery: Scenery) -> None:
    desk.goto("/")
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="Skip to main content")).to_be_focused()
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    focused = desk.evaluate("document.activeElement.closest('main') !== null")
    assert focused
