"""The page of a run stays short, whatever the run changed."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests import cast
from tests.landing import land, pupil, who_is

from schoolgate.audit.actions import Change, record_changes
from schoolgate.authority.actions import set_defaults
from schoolgate.lib import clock
from schoolgate.pupils.actions import add_pupils
from schoolgate.runs.states import Stage


def test_shows_the_first_lines_of_a_long_change_and_all_of_them_a_page_further(db):
    base = cast.base()
    run = cast.run(base)
    run.stage = Stage.DONE.value
    run.save()
    (pupil_id,) = add_pupils(1, run_id=run.pk, now=clock.now())
    days = ", ".join(f'"2026-09-{day:02}": ["-", "/", "-", "\\\\"]' for day in range(7, 12))
    record_changes(
        [
            Change(
                at=clock.now(),
                pupil_id=pupil_id,
                group="attendance",
                kind="changed",
                reason="marks",
                before=None,
                after=("{" + days + "}").encode(),
                base_id=base.pk,
                run_id=run.pk,
            )
        ]
    )
    client = Client()
    client.force_login(cast.officer())
    short = client.get(f"/runs/{run.pk}/").content.decode()
    assert "and 6 more lines" in short
    assert "11 September" not in short
    assert "more line" not in client.get(f"/runs/{run.pk}/changes/").content.decode()


def test_tells_a_new_mobile_number_as_a_change_of_that_telephone(db, client):
    base, mobile = cast.base(), {"kind": "Telephone", "location": "M"}
    land(base, pupil("twin one", communications=[{**mobile, "value": "07700 900111"}]))
    run = land(base, pupil("twin one", communications=[{**mobile, "value": "07700 900222"}]))
    client.force_login(cast.officer())
    table = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(f"/runs/{run.pk}/").content.decode()))
    assert "Telephones and e-mails Mobile telephone 07700 900111 07700 900222" in table
    timeline = client.get(f"/pupils/{who_is(base, 'p-001')}/timeline/").content.decode()
    assert "<strong>Mobile telephone</strong> was 07700 900111, is now 07700 900222" in timeline


@pytest.mark.parametrize(("seconds", "trigger"), [(3, 'hx-trigger="every 3s"'), (0, "Load again")])
def test_renews_itself_as_often_as_system_defaults_say(db, client, seconds, trigger):
    cast.authority()
    client.force_login(cast.officer())
    set_defaults({"refresh_seconds": seconds}, by=None, now=cast.NOW)
    run = cast.run_at_work(cast.base())
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert trigger in page
    assert ("hx-get=" in page) == bool(seconds)
