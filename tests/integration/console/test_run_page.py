"""The page of a run stays short, whatever the run changed."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from tests import cast
from tests.landing import ADDRESS, keys, land, pupil, who_is

from schoolgate.audit.actions import Change, record_changes
from schoolgate.authority.actions import set_defaults
from schoolgate.holding.models import HeldEntry
from schoolgate.lib import clock
from schoolgate.pupils.actions import add_pupils
from schoolgate.runs.models import Run, RunItem
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


def _as_text(client, address):
    page = client.get(address).content.decode()
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]).split()))


def test_tells_the_items_of_a_block_apart_where_they_did_not_end_alike(db, client):
    base = cast.base()
    quiet = land(base, pupil("twin one"), pupil("twin two"))
    stolen = {"upn": keys("twin one").upn, "uci": "820107912345"}
    run = land(base, pupil("twin two", identifiers=stolen, with_identity=False))
    client.force_login(cast.officer())
    said = _as_text(client, f"/runs/{run.pk}/")
    assert said.index("All groups") < said.index("Items told apart")
    assert "Identifiers UPN Refused The UPN is another pupil's in the register." in said
    assert "Written Nothing stood against it." in said
    assert "item.upn_held" not in said
    assert "Items told apart" not in _as_text(client, f"/runs/{quiet.pk}/")


def test_says_on_the_pupils_page_which_rule_decided_of_each_item(db, client):
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"))
    stolen = {"upn": keys("twin one").upn, "uci": "820107912345"}
    run = land(base, pupil("twin two", identifiers=stolen, with_identity=False))
    client.force_login(cast.officer())
    of_pupil = f"/pupils/{who_is(base, 'p-002')}"
    for address in (f"{of_pupil}/timeline/", f"{of_pupil}/identifiers/"):
        said = _as_text(client, address)
        assert "each item by the rule beside it" in said
        assert "Unique candidate identifier is now 820107912345. Nothing stood against it." in said
        assert "UPN was refused. The UPN is another pupil's in the register." in said
        assert "by the rule: always import" in said
        assert "item.upn_held" not in said
    assert "Nothing stood against it." in _as_text(client, f"/runs/{run.pk}/changes/")


def test_shows_the_first_items_told_apart_and_all_of_them_a_page_further(db, client):
    run = cast.run(cast.base())
    Run.objects.filter(pk=run.pk).update(stage=Stage.DONE.value)
    (pupil_id,) = add_pupils(1, run_id=run.pk, now=clock.now())
    about = {"run": run, "pupil_id": pupil_id, "external_id": "p-1", "group": "address", "fate": "ignored"}
    RunItem.objects.bulk_create(RunItem(item="street", rule="do not import", **about) for _ in range(12))
    client.force_login(cast.officer())
    assert client.get(f"/runs/{run.pk}/").content.decode().count("do not import") == 10
    assert "Show all items told apart" in _as_text(client, f"/runs/{run.pk}/")
    said = _as_text(client, f"/runs/{run.pk}/items/")
    assert "12 items told apart" in said
    assert said.count("The rule for it is: do not import.") == 12


def test_leads_from_what_was_held_to_where_it_waits(db, client):
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    run = land(base, pupil("twin one", deleted=["basic_details"], with_identity=False))
    entry = HeldEntry.objects.get(base=base)
    client.force_login(cast.officer())
    assert f'href="/held/{entry.pk}/">Held<' in client.get(f"/runs/{run.pk}/").content.decode()
    assert "Whole pupil deleted. The school deleted" in _as_text(client, f"/runs/{run.pk}/")


def test_asks_once_about_a_year_that_is_missing_from_the_roll(db, client):
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"), pupil("young carer"))
    roll = {keys("young carer").external_id: "Current"}
    run = land(base, pupil("young carer"), roll=roll, is_complete=True, now=cast.NOW + timedelta(days=1))
    client.force_login(cast.officer())
    said = _as_text(client, f"/runs/{run.pk}/")
    assert said.count("no longer names these pupils") == 1
    assert "2 pupils Held" in said
    assert "No Exceptions" not in said
