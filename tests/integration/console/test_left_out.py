"""The list behind the count of what a filter left out."""

from __future__ import annotations

from django.test import Client
from tests import cast

from schoolgate.runs.models import Account, RunException
from schoolgate.runs.reasons import KIND, OUTSIDE_COHORT, REASONS
from schoolgate.runs.states import Stage


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
