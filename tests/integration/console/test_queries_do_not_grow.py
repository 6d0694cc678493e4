"""Lists ask the database the same number of questions whatever they hold."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import cast
from tests.journeys.scenery import NAMES, Scenery, add_base, build

from schoolgate.accounts.actions import limit_person
from schoolgate.lib import clock

LISTS = (
    "/",
    "/?view=table",
    "/bases/",
    "/tasks/",
    "/log/",
    "/queue/",
    "/held/",
    "/pupils/?base={base}",
    "/tasks/{task}/",
    "/runs/{run}/",
    "/runs/{run}/changes/",
    "/runs/{run}/items/",
    "/runs/{run}/left-out/",
    "/tasks/?base={base}",
    "/tasks/?last=failed&show=all",
    "/tasks/{task}/bases/",
    "/tasks/new/?all=1",
    "/bases/{base}/log/",
    "/system/defaults/",
    "/system/blackout-dates/",
    "/system/blackout-dates/new/",
    "/system/cache/confirm/?base=all",
    "/system/health/",
)


@pytest.fixture
def client(db: None) -> Client:
    client = Client()
    client.force_login(cast.administrator())
    return client


@pytest.fixture
def scenery(db: None) -> Scenery:
    return build(now=clock.now())


def _count(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(asked)


@pytest.mark.parametrize("address", LISTS)
def test_asks_no_more_questions_for_more_rows(client: Client, scenery: Scenery, address: str) -> None:
    assert scenery.run is not None
    base, task, run = scenery.bases[0], scenery.tasks[0], scenery.run
    address = address.format(base=base.pk, task=task.pk, run=run.pk)
    _count(client, address)
    before = _count(client, address)
    for number in range(20):
        more = add_base(20 + number, f"More of {NAMES[0]} {number}", now=clock.now())
        cast.task(more, name=f"Task {number}")
        cast.run(more)
    assert _count(client, address) == before
    assert before <= 25


def test_asks_hardly_more_for_somebody_who_looks_after_some_bases(client: Client, scenery: Scenery) -> None:
    """The limit comes with the person; beside a task or a pupil one question more is asked of it."""
    assert scenery.run is not None
    ids = {"base": scenery.bases[0].pk, "task": scenery.tasks[2].pk, "run": scenery.run.pk}
    addresses = [address.format(**ids) for address in LISTS if "all=1" not in address]
    before = {address: _count(client, address) for address in addresses}
    person, bases = cast.administrator(), [base.pk for base in scenery.bases[:4]]
    limit_person(person.pk, base_ids=bases, by=None, now=clock.now())
    more = {address: _count(client, address) - before[address] for address in addresses}
    assert {address: count for address, count in more.items() if count > 0} == {
        f"/tasks/{ids['task']}/": 2,
        f"/pupils/?base={ids['base']}": 1,
    }
