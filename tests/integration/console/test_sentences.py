"""What pages say first: it agrees from page to page, and its numbers lead to the rows behind them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from tests import cast

from schoolgate.bases.models import Base
from schoolgate.lib import clock
from schoolgate.runs.models import Run, TaskLogEntry
from schoolgate.tasks.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: cast.NOW)
    cast.authority()


def _signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


def _page(address: str, user: object = None) -> str:
    answer = _signed_in(user or cast.administrator()).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def _sentence(page: str) -> str:
    """The first sentence of a page, without its links."""
    [first, *_] = re.findall(r'<p class="sg-sentence">(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", first).split())


def _run(base: Base, *, data_type: str, hours_ago: int, status: str = "exported") -> Run:
    at, is_failed = cast.NOW - timedelta(hours=hours_ago), status == "failed"
    return Run.objects.create(
        base=base, task_name="Nightly", origin="task", data_type=data_type, planned_at=at, started_at=at,
        finished_at=at, stage="failed" if is_failed else "done", status=status,
        exception_code="source.gone" if is_failed else "",
        exception_sentence="SIMS Primary does not answer." if is_failed else "",
        exception_remedy="It is tried again." if is_failed else "",
    )  # fmt: skip


def _logged(base: Base, *, status: str, details: str = "") -> None:
    run = cast.run(base)
    TaskLogEntry.objects.create(
        base=base, run=run, task_name="Nightly", data_type="snapshot", cohort="All", status=status,
        logged_at=cast.NOW - timedelta(hours=6), exception_details=details,
    )  # fmt: skip


def test_says_of_a_base_what_today_says_of_it():
    base = cast.base()
    failed = _run(base, data_type="attendance_changed_data", hours_ago=8, status="failed")
    _run(base, data_type="snapshot", hours_ago=6)
    page = _page(f"/bases/{base.pk}/")
    said = "It needs you since today at 12:30am: SIMS Primary does not answer. It is tried again."
    assert _sentence(page) == said
    assert f'href="/runs/{failed.pk}/">SIMS Primary does not answer.</a>' in page
    assert "1 needs you" in _sentence(_page("/"))
    assert _sentence(_page("/bases/")) == "Of the 1 base here 1 needs you."


def test_says_that_a_base_is_up_to_date_and_left_something_to_look_at():
    base = cast.base()
    run = _run(base, data_type="snapshot", hours_ago=6, status="exceptions")
    page = _page(f"/bases/{base.pk}/")
    assert _sentence(page) == "Up to date: the last landing was 6 hours ago. It left exceptions to look at."
    assert f'href="/runs/{run.pk}/#exceptions"' in page
    assert page.count("<use ") == 14


def test_leads_a_reader_nowhere_that_is_closed_to_readers():
    base = cast.base()
    _run(base, data_type="snapshot", hours_ago=6, status="failed")
    for address in ("/", "/?show=needs", "/bases/", f"/bases/{base.pk}/"):
        page = _page(address, cast.reader())
        assert "/runs/" not in page
        assert "/log/" not in page


def test_counts_above_the_log_what_failed_among_its_rows():
    base = cast.base()
    for status, details in (("failed", "The secret."), ("exceptions", "A code."), ("exported", "")):
        _logged(base, status=status, details=details)
    page = _page("/log/")
    assert _sentence(page) == (
        "The newest row was logged today at 2:30am. Of the 3 rows here 1 failed and 1 came with exceptions."
    )
    address = re.findall(r'href="(\?[^"]*status=failed[^"]*)">1 failed', page)[0].replace("&amp;", "&")
    assert _page(f"/log/{address}").count('data-label="Status"') == 1
    nothing = _page("/log/?status=exported")
    assert _sentence(nothing).endswith("Of the 1 row here none failed or came with exceptions.")


def test_narrows_the_log_to_a_base_by_name_or_number():
    for base in (cast.base("Ashgrove Primary"), cast.base("Beckside Primary")):
        _logged(base, status="exported")
    number = Base.objects.get(name="Beckside Primary").dfe_number
    for text in ("beckside", number, f"{number[:3]}/{number[3:]}"):
        page = _page(f"/log/?base={text}")
        assert page.count('data-label="Status"') == 1
        assert "Beckside Primary" in page
    assert 'name="base"' not in _page(f"/bases/{Base.objects.get(name='Beckside Primary').pk}/log/")


def test_says_how_many_tasks_are_queued_and_leads_to_the_others():
    first, second = cast.base("Ashgrove Primary"), cast.base("Beckside Primary")
    cast.task(first, name="One")
    waits = cast.task(second, name="Two")
    due = cast.NOW + timedelta(hours=3)
    Membership.objects.update(next_due_at=due, pending_reason="")
    assert _sentence(_page("/tasks/")) == "All 2 tasks are Queued."
    Membership.objects.filter(task=waits).update(next_due_at=None)
    page = _page("/tasks/")
    assert _sentence(page) == "1 task is Queued, 1 is Pending: what for stands beside each."
    assert _page("/tasks/?show=pending").count('data-label="Base Name"') == 1
    assert "show=pending" in page


def test_says_on_a_tasks_page_at_how_many_bases_it_failed():
    base = cast.base()
    task = cast.task(base, name="Nightly")
    Membership.objects.update(next_due_at=cast.NOW + timedelta(hours=3), pending_reason="")
    assert "last time" not in _sentence(_page(f"/tasks/{task.pk}/"))
    run = _run(base, data_type="snapshot", hours_ago=6, status="failed")
    Run.objects.filter(pk=run.pk).update(task=task)
    assert _sentence(_page(f"/tasks/{task.pk}/")).endswith("1 base failed or missed last time.")


def test_tells_who_has_no_base_yet_to_add_one():
    page = _page("/tasks/")
    assert "No bases yet" in page
    assert 'href="/bases/new/"' in page
    assert "No base fits" in _page("/tasks/?q=nowhere")


def test_offers_the_bases_of_scheduled_tasks_folded_and_keeps_a_search_open():
    cast.base("Ashgrove Primary")
    assert re.search(
        r'<details class="sg-split__left sg-wide-open">\s*<summary>1 base</summary>', _page("/tasks/")
    )
    assert '<details class="sg-split__left sg-wide-open" open>' in _page("/tasks/?q=ash")


def test_offers_to_clear_the_cache_for_all_schools_beside_its_default():
    assert 'href="/system/cache/confirm/?base=all">Clear Cache For All Schools</a>' in _page(
        "/system/defaults/"
    )
