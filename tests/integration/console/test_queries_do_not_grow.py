"""Lists ask the database the same number of questions whatever they hold."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import cast
from tests.journeys.scenery import NAMES, Scenery, add_base, build

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
