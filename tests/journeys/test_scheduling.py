"""Scheduled tasks in a real browser: the seed's Step 2 word by word, and everything an officer does with them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.busy import make_busy
from tests.journeys.scenery import Scenery
from tests.journeys.test_every_page import _look

from schoolgate.audit.models import Event
from schoolgate.authority.queries import defaults
from schoolgate.bases.models import Base
from schoolgate.blocks.models import CachedHashes
from schoolgate.runs.models import Run
from schoolgate.tasks.models import Blackout, Membership, ScheduledTask

pytestmark = pytest.mark.journey


@pytest.fixture
def busy(scenery: Scenery) -> Scenery:
    make_busy(scenery)
    return scenery


def _tick(page: Page, *names: str) -> None:
    """Ticks bases at the left and shows their tasks."""
    page.goto("/tasks/")
    for name in names:
        page.get_by_role("list", name="Bases to show").get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Display Scheduled Tasks").click()


def _told(page: Page, text: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(text)


def test_creates_an_attendance_changed_data_task_as_the_seed_says(desk: Page, scenery: Scenery) -> None:
    """Step 2, its nine numbered lines."""
    desk.goto("/")
    # 1 and 2: B2B:Student, the Scheduled Tasks page
    desk.get_by_role("navigation", name="Places").get_by_role("link", name="Scheduled Tasks").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("B2B:Student")
    # 3: search for the required base and open it
    desk.get_by_label("Base Name or School Number").fill("8201089")
    desk.get_by_role("button", name="Search").click()
    desk.get_by_role("list", name="Bases to show").get_by_role("checkbox").check()
    desk.get_by_role("button", name="Display Scheduled Tasks").click()
    expect(desk.get_by_role("heading", name="Larkfield Community School")).to_be_visible()
    # 4: Add New Task
    desk.get_by_role("button", name="Add New Task").click()
    # 5: a Task Name
    desk.get_by_label("Task Name").fill("Attendance changed data")
    # 6: a Transfer Type of Export from School
    desk.get_by_label("Transfer Type").select_option("Export from School")
    # 7: Attendance Data from the Data Filter Details drop-down
    expect(desk.get_by_role("radio", name="Attendance Changed Data")).not_to_be_visible()
    desk.get_by_label("Data Filter Details").select_option("Attendance Data")
    # 8: Attendance Changed Data (SIMS Primary)
    desk.get_by_role("radio", name="Attendance Changed Data (SIMS Primary)").check()
    expect(desk.get_by_text("It starts by itself when the base has moved")).to_be_visible()
    # 9: Save
    desk.get_by_role("button", name="Save", exact=True).click()
    _told(desk, "Attendance changed data was saved. Every weekday at 2:10am, first on Tuesday 24 November.")
    made = ScheduledTask.objects.get(name="Attendance changed data")
    assert (made.data_type, made.transfer_type, made.kind, made.owner) == (
        "attendance_changed_data", "export", "sims_primary", "la",
    )  # fmt: skip
    member = Membership.objects.get(task=made)
    assert (member.base.name, member.state, member.pending_reason) == (
        "Larkfield Community School", "waiting", "waits_for_migration",
    )  # fmt: skip


def test_fills_in_every_field_of_a_task(desk: Page, scenery: Scenery) -> None:
    desk.goto(f"/tasks/new/?base={scenery.bases[0].pk}")
    desk.get_by_label("Task Name").fill("Marks of leavers")
    desk.get_by_label("Data Filter Details").select_option("Attendance Data")
    for kind in (
        "All Attendances for Current",
        "All Unauthorised Absences",
        "All Absences",
        "All Attendances for Previous",
    ):
        expect(desk.get_by_role("radio", name=kind)).to_be_disabled()
    desk.get_by_role("checkbox", name="Curriculum Year R").check()
    desk.get_by_role("checkbox", name="Looked After").check()
    desk.get_by_role("checkbox", name="Leavers").check()
    desk.get_by_label("Month filter").fill("6")
    desk.get_by_role("radio", name="School", exact=True).check()
    desk.get_by_role("radio", name="Monthly").check()
    desk.get_by_label("On which day of the month").fill("3")
    desk.get_by_label("Start time").fill("06:00")
    desk.get_by_label("Expiry date").fill("2027-07-31")
    desk.get_by_role("checkbox", name="Repeat within the day").check()
    desk.get_by_label("Every how many minutes").fill("120")
    desk.get_by_label("Until").fill("10:00")
    desk.get_by_label("Random window").fill("30")
    coming = desk.locator("#coming")
    expect(coming).to_contain_text("On day 3 of every month at 6am and every 2 hours until 10am")
    expect(coming.get_by_role("listitem")).to_have_count(5)
    expect(coming).to_contain_text("Thursday 3 December 2026 at 8:00am")
    desk.get_by_role("button", name="Save", exact=True).click()
    _told(desk, "Marks of leavers was saved")
    made = ScheduledTask.objects.get(name="Marks of leavers")
    assert (made.nc_years, made.is_looked_after_only, made.is_leavers, made.leaver_months) == (
        ["R"],
        True,
        True,
        6,
    )
    assert (made.owner, made.frequency, made.month_day, made.repeat_minutes, made.window_minutes) == (
        "school", "monthly", 3, 120, 30,
    )  # fmt: skip


def test_refuses_with_the_sentence_and_the_remedy_beside_the_field(desk: Page, scenery: Scenery) -> None:
    desk.goto(f"/tasks/new/?base={scenery.bases[0].pk}")
    desk.get_by_label("Task Name").fill("Leavers of changed data")
    desk.get_by_role("checkbox", name="Leavers").check()
    desk.get_by_role("button", name="Save", exact=True).click()
    summary = desk.get_by_role("alert")
    expect(summary).to_contain_text("Leavers can't be collected with this data type. Choose a snapshot")
    summary.get_by_role("link").click()
    expect(desk.get_by_role("checkbox", name="Leavers")).to_be_focused()
    assert not ScheduledTask.objects.filter(name="Leavers of changed data").exists()


def test_groups_bases_of_one_kind_and_refuses_a_mixed_group_with_the_way_out(
    desk: Page, scenery: Scenery
) -> None:
    _tick(desk, "Ashgrove Primary School", "Castle Hill Academy", "Larkfield Community School")
    desk.get_by_role("button", name="Add New Task").click()
    expect(desk.get_by_text("SIMS 7 and SIMS Primary bases can't share a task.")).to_be_visible()
    desk.get_by_role("link", name="Make it for the 2 SIMS Primary bases").click()
    expect(desk.get_by_text("For 2 bases, on SIMS Primary.")).to_be_visible()
    desk.get_by_label("Task Name").fill("Weekend snapshot")
    desk.get_by_label("Data Filter Details").select_option("Snapshot Data")
    desk.get_by_role("button", name="Save", exact=True).click()
    made = ScheduledTask.objects.get(name="Weekend snapshot")
    assert made.memberships.count() == 2
    desk.get_by_role("link", name="Add or remove bases").click()
    desk.get_by_role("checkbox", name="Dunmore Primary School").check()
    desk.get_by_role("checkbox", name="Ashgrove Primary School").uncheck()
    desk.get_by_role("button", name="Save", exact=True).click()
    _told(desk, "1 base joined, 1 base left")
    assert {each.base.name for each in made.memberships.all()} == {
        "Castle Hill Academy",
        "Dunmore Primary School",
    }


def test_pauses_resumes_and_hands_over_the_ticked_tasks(desk: Page, scenery: Scenery) -> None:
    _tick(desk, "Elm Tree Infant School")
    rows = desk.get_by_role("region", name="Scheduled tasks")
    rows.get_by_role("checkbox", name="Nightly changes").check()
    rows.get_by_role("checkbox", name="Attendance every morning").check()
    desk.get_by_role("button", name="Pause", exact=True).click()
    _told(desk, "2 tasks (21 bases) are paused.")
    assert Membership.objects.filter(task=scenery.tasks[0], pending_reason="task_paused").count() == 10
    expect(desk.get_by_text("No scheduled tasks here")).to_be_visible()
    desk.get_by_text("Filters: active tasks").click()
    desk.get_by_label("Show", exact=True).select_option("Not active")
    desk.get_by_role("button", name="Apply filters").click()
    desk.get_by_role("checkbox", name="All tasks on this page").check()
    desk.get_by_role("button", name="Resume").click()
    _told(desk, "2 tasks (21 bases) are active again.")
    desk.goto(f"/tasks/{scenery.tasks[0].pk}/")
    desk.get_by_role("button", name="Hand to the school").click()
    _told(desk, "owned by the school now")
    assert ScheduledTask.objects.get(pk=scenery.tasks[0].pk).owner == "school"


def test_clones_a_task_which_is_not_active_until_it_was_looked_at(desk: Page, scenery: Scenery) -> None:
    desk.goto(f"/tasks/{scenery.tasks[0].pk}/")
    desk.get_by_role("button", name="Clone").click()
    _told(desk, "This is a copy")
    expect(desk.get_by_role("checkbox", name="Active")).not_to_be_checked()
    desk.get_by_label("Task Name").fill("Weekly changes")
    desk.get_by_role("checkbox", name="Active").check()
    desk.get_by_role("button", name="Save", exact=True).click()
    made = ScheduledTask.objects.get(name="Weekly changes")
    assert made.is_active
    assert made.memberships.count() == 10


def test_edits_many_at_once_and_leaves_the_rest_as_it_is(desk: Page, scenery: Scenery) -> None:
    _tick(desk, "Ashgrove Primary School")
    desk.get_by_role("checkbox", name="All tasks on this page").check()
    desk.get_by_role("button", name="Edit", exact=True).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Edit 3 tasks")
    desk.get_by_role("button", name="Save the changes").click()
    expect(desk.get_by_role("alert")).to_contain_text("Nothing is changed")
    desk.get_by_label("Start time").fill("04:00")
    desk.get_by_label("Random window").fill("60")
    desk.get_by_role("button", name="Save the changes").click()
    _told(desk, "3 tasks were changed")
    assert {(str(each.start_time), each.window_minutes) for each in ScheduledTask.objects.all()} == {
        ("04:00:00", 60)
    }
    assert [each.nc_years for each in ScheduledTask.objects.order_by("pk")] == [[], [], ["R", "1"]]


def test_deletes_only_what_is_not_active_and_only_after_confirmation(desk: Page, scenery: Scenery) -> None:
    keep, go = scenery.tasks[0], scenery.tasks[2]
    ScheduledTask.objects.filter(pk=go.pk).update(is_active=False)
    desk.goto(f"/tasks/?base={scenery.bases[0].pk}&show=all")
    desk.get_by_role("checkbox", name="All tasks on this page").check()
    desk.get_by_role("button", name="Delete inactive").click()
    expect(desk.get_by_text("2 tasks are active and will stay")).to_be_visible()
    assert ScheduledTask.objects.filter(pk=go.pk).exists()
    desk.get_by_role("button", name="Delete 1 task").click()
    _told(desk, "1 task was deleted")
    assert not ScheduledTask.objects.filter(pk=go.pk).exists()
    assert ScheduledTask.objects.filter(pk=keep.pk).exists()


def test_leaves_a_locked_school_alone_and_says_whom_to_ask(desk: Page, scenery: Scenery) -> None:
    base = scenery.bases[4]
    Base.objects.filter(pk=base.pk).update(is_locked=True)
    _tick(desk, base.name)
    expect(desk.get_by_text("has locked its tasks to school use only")).to_be_visible()
    expect(desk.get_by_role("link", name="E-mail Bronwen Ellis")).to_have_attribute(
        "href", "mailto:office@school.invalid?subject=B2B%3AStudent%2C%20Elm%20Tree%20Infant%20School"
    )
    desk.get_by_role("region", name="Scheduled tasks").get_by_role("checkbox", name="Nightly changes").check()
    desk.get_by_role("button", name="Pause", exact=True).click()
    expect(desk.get_by_role("alert")).to_contain_text("Nightly changes stayed as it was")
    assert ScheduledTask.objects.get(pk=scenery.tasks[0].pk).is_active


def test_runs_the_ticked_tasks_now(desk: Page, scenery: Scenery) -> None:
    _tick(desk, "Elm Tree Infant School", "Larkfield Community School")
    desk.get_by_role("checkbox", name="All tasks on this page").check()
    desk.get_by_role("button", name="Run now").click()
    expect(desk.get_by_text("2 runs, one for each ticked row.")).to_be_visible()
    expect(desk.get_by_text("The base is still on SIMS 7.")).to_be_visible()
    desk.get_by_role("button", name="Run now").click()
    _told(desk, "2 runs were asked for")
    assert Run.objects.filter(origin="ad_hoc", base=scenery.bases[4]).count() == 2


def test_skips_blackout_dates_and_says_so(desk: Page, scenery: Scenery) -> None:
    task = scenery.tasks[0]
    desk.goto("/system/blackout-dates/")
    desk.get_by_role("link", name="Add blackout dates").first.click()
    desk.get_by_label("Name").fill("Training days")
    desk.get_by_label("First day").fill("2026-11-24")
    desk.get_by_label("Last day").fill("2026-11-25")
    desk.get_by_role("button", name="Save").click()
    _told(desk, "Nothing is due on these days")
    desk.goto(f"/tasks/{task.pk}/")
    expect(desk.get_by_text("first on Thursday 26 November")).to_be_visible()
    expect(desk.get_by_text("skipped: Training days")).to_have_count(2)
    assert str(Membership.objects.filter(task=task).first().next_due_at.date()) == "2026-11-26"
    desk.goto("/system/blackout-dates/")
    desk.get_by_role("link", name="Edit Training days").click()
    desk.get_by_role("button", name="Remove these dates").click()
    _told(desk, "Tasks are due on these days again")
    assert not Blackout.objects.exists()
    assert str(Membership.objects.filter(task=task).first().next_due_at.date()) == "2026-11-24"


def test_closes_single_schools(desk: Page, scenery: Scenery) -> None:
    desk.goto("/system/blackout-dates/new/")
    desk.get_by_label("Name").fill("Burst pipe")
    desk.get_by_role("radio", name="Closure").check()
    desk.get_by_label("First day").fill("2026-11-24")
    desk.get_by_label("Last day").fill("2026-11-24")
    desk.get_by_role("radio", name="Some bases").check()
    desk.get_by_role("checkbox", name="Castle Hill Academy").check()
    desk.get_by_role("button", name="Save").click()
    assert [each.base_id for each in Blackout.objects.all()] == [scenery.bases[2].pk]


def test_clears_the_cache_after_saying_what_it_costs(desk: Page, busy: Scenery) -> None:
    _tick(desk, "Ashgrove Primary School")
    desk.get_by_role("button", name="Clear Cache").click()
    desk.get_by_label("Clear Cache").select_option("Address")
    desk.get_by_role("button", name="Continue").click()
    expect(desk.get_by_role("heading", level=1)).to_contain_text("Address of Ashgrove Primary School")
    expect(desk.get_by_text("6 blocks of 6 pupils at 1 base will be compared")).to_be_visible()
    assert not Event.objects.filter(name="blocks.cache.cleared").exists()
    desk.get_by_role("button", name="Clear the cache").click()
    _told(desk, "The cache was cleared: 6 blocks")
    held = CachedHashes.objects.filter(base=busy.bases[0]).first()
    assert held is not None
    assert sum(each is not None for each in held.hashes) == 8
    desk.goto("/system/cache/")
    desk.get_by_label("Base", exact=True).select_option("All schools")
    desk.get_by_label("Only what has not changed").fill("100")
    desk.get_by_role("button", name="Continue").click()
    expect(desk.get_by_text("for 100 days")).to_be_visible()
    desk.get_by_role("button", name="Clear the cache").click()
    _told(desk, "The cache was cleared")


def test_orders_the_queue_and_cancels_cleanly(desk: Page, busy: Scenery) -> None:
    desk.goto("/queue/")
    expect(desk.get_by_text("1 run is at work, 6 runs wait")).to_be_visible()
    expect(desk.get_by_role("region", name="At work")).to_contain_text("register-1:4021")
    waiting = desk.get_by_role("region", name="Due and waiting")
    expect(waiting).to_contain_text("Another run of this base")
    waiting.get_by_role("button", name="Move to front Nightly changes of Dunmore").click()
    _told(desk, "Nightly changes of Dunmore Primary School goes next")
    expect(waiting.get_by_role("row").nth(1)).to_contain_text("Dunmore Primary School")
    waiting.get_by_role("link", name="Cancel the run of Dunmore").click()
    expect(desk.get_by_text("It has not begun, so nothing is lost.")).to_be_visible()
    desk.get_by_role("button", name="Cancel this run").click()
    _told(desk, "will not run")
    assert Run.objects.filter(base=busy.bases[3], stage="cancelled").count() == 1


def test_renews_the_queue_by_itself(desk: Page, busy: Scenery) -> None:
    desk.goto("/queue/")
    Run.objects.filter(stage__in=("due", "waiting")).update(stage="cancelled")
    expect(desk.locator("#queue-sentence")).to_contain_text("no runs wait", timeout=9000)
    desk.get_by_role("link", name="Stop that").click()
    expect(desk.get_by_text("This page stands still.")).to_be_visible()


def test_reads_the_task_log_and_takes_it_away(desk: Page, busy: Scenery) -> None:
    desk.goto("/log/")
    expect(desk.get_by_role("link", name="Older")).to_be_visible()
    desk.get_by_role("link", name="Older").click()
    expect(desk.get_by_role("link", name="Newer")).to_be_visible()
    desk.get_by_label("Status").select_option("Failed")
    desk.get_by_role("button", name="Apply filters").click()
    expect(desk.get_by_role("heading", name="Task count: 1")).to_be_visible()
    cell = desk.get_by_role("cell", name="Enter the secret of the newest credentials report. SIMS ID rejects")
    expect(cell).to_be_visible()
    expect(desk.get_by_text("invalid_client")).not_to_be_visible()
    desk.get_by_text("Technical detail").click()
    expect(desk.get_by_text("invalid_client")).to_be_visible()
    with desk.expect_download() as got:
        desk.get_by_role("link", name="Export as CSV").click()
    lines = got.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "Kingsmead Primary School" in lines[1]
    assert got.value.suggested_filename == "task-log-2026-11-23.csv"


def test_sets_a_system_default_and_says_who_did(desk: Page, scenery: Scenery) -> None:
    desk.goto("/system/defaults/")
    desk.get_by_label("Buffer period for Last Run Status").fill("5000")
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_role("alert")).to_contain_text("out of range. Enter 1 to 1,440 minutes.")
    desk.get_by_label("Buffer period for Last Run Status").fill("90")
    desk.get_by_label("Landing page").select_option("Queue")
    desk.get_by_role("button", name="Save").click()
    _told(desk, "Saved: Buffer period for Last Run Status and Landing page.")
    expect(desk.get_by_text("Shipped as 60 minutes.")).to_be_visible()
    expect(desk.get_by_role("region", name="Changes of System defaults")).to_contain_text("Amir Haddad")
    assert (defaults().buffer_minutes, defaults().landing_page) == (90, "queue")
    desk.goto("/arrive/")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Queue")


def _pages(busy: Scenery) -> dict[str, str]:
    base, seventh, task = busy.bases[0], busy.bases[10], busy.tasks[0]
    some = "&".join(f"base={each.pk}" for each in busy.bases[:3])
    many = "&".join(f"task={each.pk}" for each in busy.tasks)
    return {
        "scheduled-tasks-several": f"/tasks/?{some}",
        "task-new-mixed": f"/tasks/new/?base={base.pk}&base={seventh.pk}",
        "task-new-sims7": f"/tasks/new/?base={seventh.pk}",
        "task-locked": f"/tasks/{busy.tasks[2].pk}/",
        "task-bases": f"/tasks/{task.pk}/bases/",
        "tasks-edit-many": f"/tasks/edit/?{many}",
        "tasks-delete": f"/tasks/delete/?{many}",
        "tasks-run": f"/tasks/run/?{many}",
        "queue": "/queue/",
        "run-cancel": f"/runs/{busy.working.pk if busy.working else 0}/cancel/?from=queue",
        "cache": "/system/cache/",
        "cache-confirm": "/system/cache/confirm/?base=all",
        "system-defaults": "/system/defaults/",
        "blackout-dates": "/system/blackout-dates/",
        "blackout-new": f"/system/blackout-dates/new/?base={base.pk}",
        "health": "/system/health/",
    }


def test_opens_every_page_of_the_clockwork_at_a_desk(desk: Page, busy: Scenery) -> None:
    wrong = [each for name, address in _pages(busy).items() for each in _look(desk, name, address, 1280)]
    assert not wrong, "\n".join(wrong)


def test_opens_every_page_of_the_clockwork_on_a_phone(phone: Page, busy: Scenery) -> None:
    wrong = [each for name, address in _pages(busy).items() for each in _look(phone, name, address, 375)]
    phone.set_viewport_size({"width": 320, "height": 640})
    for name, address in _pages(busy).items():
        phone.goto(address)
        if phone.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append(f"{name}: wider than 320 px")
    assert not wrong, "\n".join(wrong)
