"""# Every change says who, why and from where

A change of a child's record carries the base, the task, the run, the file and the rule, or the officer; it is
written in the transaction that makes the change, so that neither can exist without the other.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import cast
from tests.landing import ADDRESS, OTHER_ADDRESS, file_of, land, message, planned, pupil, who_is

from schoolgate.audit.models import RecordChange
from schoolgate.importing import writing
from schoolgate.importing.actions import land_run
from schoolgate.pupils.models import TABLES

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)


def test_a_change_names_base_run_file_and_rule_with_the_old_value_and_the_new():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS))
    run = land(base, pupil("twin one", address=OTHER_ADDRESS), now=LATER)
    change = RecordChange.objects.get(run_id=run.pk, group="address")
    assert (change.base_id, change.run_id, change.file_id) == (base.pk, run.pk, file_of(run).pk)
    assert (change.kind, change.reason, change.at) == ("changed", "always import", LATER)
    assert change.before == ADDRESS
    assert change.after == OTHER_ADDRESS
    assert change.read_at == cast.NOW, "when the school's system was read"


def test_a_pupil_s_making_and_a_school_s_id_for_it_are_told_like_any_change():
    base = cast.base()
    run = land(base, pupil("twin one"))
    made = RecordChange.objects.get(run_id=run.pk, group="link")
    assert (made.pupil_id, made.kind) == (who_is(base, "p-001"), "added")
    left = land(base, roll={"p-001": "Leaver"}, now=LATER)
    told = RecordChange.objects.get(run_id=left.pk)
    assert (told.group, told.before["roll_state"], told.after["roll_state"]) == ("link", "Current", "Leaver")


def test_no_value_changes_where_its_change_could_not_be_noted(monkeypatch):
    base = cast.base()
    run = planned(base, message(base, pupil("twin one", address=ADDRESS)))

    def full(_):
        raise RuntimeError("no room")

    monkeypatch.setattr(writing, "record_changes", full)
    with pytest.raises(RuntimeError):
        land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    assert not TABLES["address"].objects.exists()
    assert not RecordChange.objects.exists()
