"""The list behind the count of what a filter left out."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from tests import cast
from tests.landing import land_bodies, message

from schoolgate.runs.models import Account, RunException
from schoolgate.runs.reasons import AT_SCHOOL, KIND, OUTSIDE_COHORT, REASONS
from schoolgate.runs.states import Stage
from schoolgate_message.records import KeptBack


def test_opens_the_list_behind_the_count_of_what_was_left_out(db):
    base = cast.base()
    run = cast.run(base)
    run.stage = Stage.DONE.value
    run.save()
    Account.objects.create(run=run, group="address", received=2, left_out=2)
    RunException.objects.create(
        run=run,
        base_id=base.pk,
        kind=KIND,
        code=OUTSIDE_COHORT,
        sentence=REASONS[OUTSIDE_COHORT],
        details={
            "lists": [
                {"groups": ["address"], "pupils": ["p-1", "p-2"]},
                {"groups": ["contacts"], "pupils": ["p-3"]},
            ]
        },
    )
    client = Client()
    client.force_login(cast.officer())
    address = f"/runs/{run.pk}/left-out/?group=address"
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert address in page
    assert REASONS[OUTSIDE_COHORT] not in page
    listed = client.get(address).content.decode()
    assert "2 pupils left out of Address" in listed
    assert "p-1" in listed
    assert "p-3" not in listed


def _told(base, *, lists=(), unnamed=None, reason=AT_SCHOOL):
    run = cast.run(base)
    run.stage = Stage.DONE.value
    run.save()
    RunException.objects.create(
        run=run,
        base_id=base.pk,
        kind=KIND,
        code=reason,
        sentence=REASONS[reason],
        details={"lists": list(lists), "unnamed": unnamed or {}},
    )
    return run


@pytest.fixture
def look(db, client):
    client.force_login(cast.officer())

    def shown(run, group=""):
        page = client.get(f"/runs/{run.pk}/left-out/?group={group}").content.decode()
        return unescape(" ".join(re.sub(r"<[^>]+>", " ", page[page.index("<main") :]).split()))

    return shown


def test_says_how_many_more_there_are_whom_the_maker_does_not_name(look):
    lists = [{"groups": ["address"], "pupils": ["p-1", "p-2"]}]
    run = _told(cast.base(), lists=lists, unnamed={"address": 3, "attendance": 7})
    of_address = look(run, "address")
    assert "5 pupils left out of Address" in of_address
    assert "And 3 more whom the maker of the message doesn't name." in of_address
    sentence = "And 3 blocks of Address and 7 marks of Attendance, of pupils whom the maker of the message"
    assert sentence in look(run)
    assert "more whom" not in look(run, "contacts")


def test_lists_nobody_of_an_earlier_run_where_the_maker_names_nobody(look):
    base = cast.base()
    _told(base, lists=[{"groups": ["address"], "pupils": ["p-1"]}])
    shown = look(_told(base, unnamed={"address": 1}), "address")
    assert "1 pupil left out of Address" in shown
    assert "And 1 more whom the maker" in shown
    assert "p-1" not in shown
    assert "Nobody was left out" not in shown


def test_takes_marks_of_named_pupils_for_theirs(look):
    base = cast.base()
    kept = {"attendance": KeptBack(left_out={OUTSIDE_COHORT: 7}, who={OUTSIDE_COHORT: ("p-8", "p-9")})}
    run = land_bodies(base, message(base, kept_back=kept))
    shown = look(run, "attendance")
    assert "p-8" in shown
    assert "doesn't name" not in shown
