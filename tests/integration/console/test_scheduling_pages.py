"""The pages of scheduled tasks, the queue and the system: who may do what, and what a page does with nonsense."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from tests import cast

from schoolgate.accounts.models import User
from schoolgate.audit.models import Event
from schoolgate.console.tasks.coming import coming
from schoolgate.runs.models import Run
from schoolgate.tasks.actions import set_active
from schoolgate.tasks.blackouts import add_blackout
from schoolgate.tasks.models import Blackout, ScheduledTask
from schoolgate.tasks.queries import schedule_of

NEW_TASK = {
    "name": "Nightly", "is_active": "on", "transfer_type": "export", "data_filter": "changed_data", "owner": "la",
    "frequency": "weekly", "weekdays": ["0", "4"], "start_time": "02:10", "starts_on": "2026-11-24",
}  # fmt: skip


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def officer(db: None) -> Client:
    cast.authority()
    return signed_in(cast.officer())


@pytest.fixture
def administrator(db: None) -> Client:
    cast.authority()
    return signed_in(cast.administrator())


def test_lets_an_officer_plan_but_not_delete(officer: Client) -> None:
    task = cast.task(cast.base())
    set_active(task.pk, is_active=False, by=None, now=cast.NOW)
    assert officer.post("/tasks/do/", {"task": task.pk, "do": "delete"}).status_code == 403
    assert officer.post("/tasks/delete/", {"task": task.pk}).status_code == 403
    assert officer.post("/tasks/do/", {"task": task.pk, "do": "resume"}).status_code == 302
    assert ScheduledTask.objects.get(pk=task.pk).is_active


def test_lets_an_administrator_delete_what_is_not_active(administrator: Client) -> None:
    task = cast.task(cast.base())
    administrator.post("/tasks/delete/", {"task": task.pk})
    assert ScheduledTask.objects.filter(pk=task.pk).exists()
    set_active(task.pk, is_active=False, by=None, now=cast.NOW)
    administrator.post("/tasks/delete/", {"task": task.pk})
    assert not ScheduledTask.objects.filter(pk=task.pk).exists()


def test_lets_an_officer_read_the_defaults_and_an_administrator_change_them(
    officer: Client, administrator: Client
) -> None:
    page = officer.get("/system/defaults/")
    assert page.status_code == 200
    assert "An administrator can change these." in page.content.decode()
    assert officer.post("/system/defaults/", {"buffer_minutes": 5}).status_code == 403
    assert not Event.objects.filter(name="authority.default.changed").exists()


def test_shows_a_reader_nothing_of_it(db: None) -> None:
    cast.authority()
    reader = signed_in(cast.reader())
    for address in (
        "/tasks/run/",
        "/tasks/delete/",
        "/system/cache/",
        "/system/health/",
        "/log/csv/",
        "/queue/",
    ):
        assert reader.get(address).status_code == 403


def test_knows_no_errand_it_was_not_taught(officer: Client) -> None:
    task = cast.task(cast.base())
    assert officer.post("/tasks/do/", {"task": task.pk, "do": "explode"}).status_code == 403
    assert officer.post("/tasks/do/", {"task": "all", "do": "pause"}, follow=True).status_code == 200
    assert ScheduledTask.objects.get(pk=task.pk).is_active


def test_goes_back_to_the_list_and_nowhere_else(officer: Client) -> None:
    task = cast.task(cast.base())
    answer = officer.post("/tasks/do/", {"task": task.pk, "do": "pause", "back": "base=1&show=all"})
    assert answer["Location"] == "/tasks/?base=1&show=all"
    answer = officer.post(
        "/tasks/do/", {"task": task.pk, "do": "pause", "back": "https://elsewhere.invalid/"}
    )
    assert answer["Location"].startswith("/tasks/?")


def test_makes_one_task_for_all_that_a_search_finds(officer: Client) -> None:
    for name in ("North Primary", "North Infant", "South Primary"):
        cast.base(name)
    answer = officer.post("/tasks/new/", NEW_TASK | {"all": "1", "q": "North"})
    assert answer.status_code == 302
    made = ScheduledTask.objects.get()
    assert {each.base.name for each in made.memberships.all()} == {"North Primary", "North Infant"}


def test_refuses_a_mixed_group_without_making_anything(officer: Client) -> None:
    bases = [cast.base(), cast.base_on_sims_7()]
    page = officer.post("/tasks/new/", NEW_TASK | {"base": [each.pk for each in bases]})
    assert "SIMS 7 and SIMS Primary bases can&#39;t share a task." in page.content.decode()
    assert not ScheduledTask.objects.exists()


def test_makes_what_only_sims_7_can_do_on_a_sims_7_base(officer: Client) -> None:
    base = cast.base_on_sims_7()
    wish = {"base": base.pk, "transfer_type": "two_way", "data_filter": "changed_data"}
    assert officer.post("/tasks/new/", NEW_TASK | wish).status_code == 302
    made = ScheduledTask.objects.get()
    assert (made.kind, made.transfer_type) == ("sims7", "two_way")


def test_reads_a_half_filled_form_for_its_preview(officer: Client) -> None:
    base = cast.base()
    page = officer.post("/tasks/preview/", NEW_TASK | {"base": base.pk}).content.decode()
    assert "Every Monday and Friday at 2:10am" in page
    assert page.count("<li") == 5
    for missing in ("frequency", "start_time", "starts_on"):
        wish = {name: value for name, value in NEW_TASK.items() if name != missing}
        assert (
            "When the scheduler settings are complete"
            in officer.post("/tasks/preview/", wish).content.decode()
        )


def test_exports_the_log_of_one_base_only_to_who_may_see_it(officer: Client) -> None:
    base = cast.base()
    answer = officer.get(f"/log/csv/?of={base.pk}")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.startswith("DfE Number,Base Name,File Name")
    assert officer.get("/log/csv/?of=99999").status_code == 404


def test_takes_a_cursor_of_nonsense_for_none(officer: Client) -> None:
    assert officer.get("/log/?before=yesterday~x").status_code == 200


def test_does_not_move_what_has_begun(officer: Client) -> None:
    run = cast.run_at_work(cast.base())
    page = officer.post(f"/runs/{run.pk}/front/", follow=True).content.decode()
    assert "has begun already, or is over" in page
    assert Run.objects.get(pk=run.pk).priority == 0


def test_names_the_closure_among_the_days_on_which_a_task_would_be_due(db: None) -> None:
    base = cast.base()
    closed = {"from_on": date(2026, 11, 24), "until_on": date(2026, 11, 26), "base_ids": [base.pk]}
    add_blackout(name="Burst pipe", kind="closure", **closed, by=None, now=cast.NOW)
    schedule = schedule_of(cast.task(base))
    shown = coming(cast.officer(), schedule, base_ids=[base.pk], now=cast.NOW)
    assert shown is not None
    assert [(each.due_at.day, each.holiday) for each in shown.days[:4]] == [
        (24, "Burst pipe"),
        (25, "Burst pipe"),
        (26, ""),
        (27, ""),
    ]


def test_keeps_the_last_day_a_closed_one(officer: Client) -> None:
    wish = {
        "name": "Half term",
        "kind": "holiday",
        "from_on": "2027-02-15",
        "last_on": "2027-02-19",
        "whose": "all",
    }
    officer.post("/system/blackout-dates/new/", wish)
    made = Blackout.objects.get()
    assert (str(made.from_on), str(made.until_on)) == ("2027-02-15", "2027-02-20")
    assert officer.get(f"/system/blackout-dates/edit/?id={made.pk}").status_code == 200
    assert officer.get("/system/blackout-dates/edit/?id=99999").status_code == 404


def test_clears_nothing_without_saying_for_whom(officer: Client) -> None:
    page = officer.post("/system/cache/confirm/", {"group": "", "days": ""}).content.decode()
    assert "Choose a base, or all schools." in page
    assert not Event.objects.filter(name="blocks.cache.cleared").exists()
