"""Every page, at a desk and on a phone: it opens, is accessible, fits its width, and is photographed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.house import CHECKOUT
from tests.journeys.scenery import PARTNER_URL, Scenery

pytestmark = pytest.mark.journey

PICTURES = os.environ.get("SCHOOLGATE_TEST_IMAGES", "")
"""Where pictures go, `docs/images` when the docs' are to be taken anew; without it none is kept."""
IN_DOCS = CHECKOUT / "docs/images"
SHOWN = frozenset(
    name
    for page in (CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md"))
    for name in re.findall(r"images/([\w-]+\.png)", page.read_text(encoding="utf-8"))
)
"""The pictures that a page shows; the docs keep no others, any other folder keeps all."""
TALLEST_PICTURE = 1800
GOVUK_RADIOS = "govuk-radios__input"
"""GOV.UK Frontend says on a radio that it opens a part of the page (aria-expanded); screen readers read it."""
AXE_OPTIONS = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def pages(scenery: Scenery) -> dict[str, str]:
    """Every page by the name of its picture."""
    base, task = scenery.bases[0], scenery.tasks[0]
    assert scenery.run is not None
    assert scenery.failed is not None
    assert scenery.working is not None
    assert scenery.pupil is not None
    run, failed, working, pupil = scenery.run, scenery.failed, scenery.working, scenery.pupil
    doubted, absent, deleted, refused = scenery.held
    return {
        "today": "/",
        "today-table": "/?view=table",
        "bases": "/bases/",
        "bases-nothing-found": "/bases/?q=nowhere",
        "base": f"/bases/{base.pk}/",
        "base-new": f"/bases/{scenery.bases[11].pk}/",
        "base-edit": f"/bases/{base.pk}/edit/",
        "base-add": "/bases/new/",
        "base-settings": f"/bases/{scenery.bases[9].pk}/sims-primary-settings/",
        "base-start": f"/bases/{scenery.bases[10].pk}/sims-primary/",
        "scheduled-tasks": f"/tasks/?base={base.pk}",
        "scheduled-tasks-all": "/tasks/",
        "task": f"/tasks/{task.pk}/",
        "task-new": f"/tasks/new/?base={base.pk}",
        "task-edit": f"/tasks/{task.pk}/edit/",
        "run-now": f"/tasks/{task.pk}/run/",
        "run-now-base": f"/bases/{base.pk}/run/",
        "task-log": "/log/",
        "task-log-base": f"/bases/{base.pk}/log/",
        "run": f"/runs/{run.pk}/",
        "run-failed": f"/runs/{failed.pk}/",
        "run-working": f"/runs/{working.pk}/",
        "run-changes": f"/runs/{run.pk}/changes/",
        "run-items": f"/runs/{run.pk}/items/",
        "run-blocks": f"/runs/{run.pk}/blocks/?term=refused",
        "run-left-out": f"/runs/{run.pk}/left-out/?group=contacts",
        "held": "/held/",
        "held-doubted": f"/held/{doubted.pk}/",
        "held-absent": f"/held/{absent.pk}/",
        "held-deleted": f"/held/{deleted.pk}/",
        "held-refused": f"/held/{refused.pk}/",
        "held-decided": "/held/decided/",
        "held-told": "/held/told/",
        "pupils": f"/pupils/?base={base.pk}",
        "pupil": f"/pupils/{pupil.pk}/",
        "pupil-details": f"/pupils/{pupil.pk}/basic_details/",
        "pupil-contacts": f"/pupils/{pupil.pk}/contacts/",
        "pupil-attendance": f"/pupils/{pupil.pk}/attendance/",
        "pupil-timeline": f"/pupils/{pupil.pk}/timeline/",
        "connections": "/system/connections/",
        "connection-setting": "/system/connections/sims_primary/settings/overlap_seconds/",
        "connection-limit": f"/system/connections/sims_primary/limits/?address={PARTNER_URL}",
        "mapping": "/mapping/",
        "mapping-override": "/mapping/overrides/new/",
        "not-found": "/pupils/999999/",
    }


def _photograph(page: Page, path: Path, width: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST_PICTURE)
    page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})


def _look(page: Page, name: str, address: str, width: int) -> list[str]:
    """Opens and photographs a page; answers what is wrong with it."""
    answer = page.goto(address)
    expected = 404 if name == "not-found" else 200
    if answer is None or answer.status != expected:
        return [f"{name}: answered {answer.status if answer else 'nothing'}"]
    return look_at(page, name, width)


def look_at(page: Page, name: str, width: int) -> list[str]:
    """Photographs the page that is open; answers what is wrong with it."""
    wrong = []
    path = Path(PICTURES) / f"{name}-{width}.png"
    if PICTURES and (path.name in SHOWN or path.parent.resolve() != IN_DOCS):
        _photograph(page, path, width)
    if page.evaluate("document.documentElement.scrollWidth") > width:
        wrong.append(f"{name}: wider than {width} px")
    found = Axe().run(page, options=AXE_OPTIONS)
    wrong += [
        f"{name}: {each['id']} {node['html'][:200]}"
        for each in found.response["violations"]
        for node in each["nodes"]
        if not (each["id"] == "aria-allowed-attr" and GOVUK_RADIOS in node["html"])
    ]
    return wrong


def test_opens_fits_and_is_accessible_at_a_desk(desk: Page, scenery: Scenery) -> None:
    complaints: list[str] = []
    desk.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    wrong = [each for name, address in pages(scenery).items() for each in _look(desk, name, address, 1280)]
    assert not wrong, "\n".join(wrong)
    assert [each for each in complaints if "404" not in each] == []


def test_opens_fits_and_is_accessible_on_a_phone(phone: Page, scenery: Scenery) -> None:
    wrong = [each for name, address in pages(scenery).items() for each in _look(phone, name, address, 375)]
    assert not wrong, "\n".join(wrong)


def test_fits_the_narrowest_screen(phone: Page, scenery: Scenery) -> None:
    phone.set_viewport_size({"width": 320, "height": 640})
    too_wide = []
    for name, address in pages(scenery).items():
        phone.goto(address)
        if phone.evaluate("document.documentElement.scrollWidth") > 320:
            too_wide.append(name)
    assert too_wide == []


@pytest.mark.parametrize("width", [1280, 375])
def test_signs_in_by_password_in_a_demo(stranger_page: Page, width: int) -> None:
    page = stranger_page
    page.set_viewport_size({"width": width, "height": 800})
    assert _look(page, "sign-in", "/accounts/login/", width) == []
    page.get_by_label("E-mail address or user name").fill("amir.haddad@wharfdale.invalid")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    page.get_by_label("Password", exact=True).fill("a long invented password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_says_what_to_do_where_there_is_nothing_yet(empty_desk: Page) -> None:
    wrong = [
        each
        for name, address in {
            "empty-today": "/",
            "empty-bases": "/bases/",
            "empty-tasks": "/tasks/",
            "empty-log": "/log/",
            "empty-queue": "/queue/",
            "empty-held": "/held/",
            "empty-pupils": "/pupils/",
        }.items()
        for each in _look(empty_desk, name, address, 1280)
    ]
    assert not wrong, "\n".join(wrong)
    empty_desk.goto("/")
    expect(empty_desk.get_by_role("link", name="Add a base")).to_be_visible()
