"""An external id's history: who linked it to whom by which rule, how its roll went, who ended it and why."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from tests import cast
from tests.landing import keys, land, links, pupil, who_is

from schoolgate.audit.actions import LINK
from schoolgate.audit.models import RecordChange
from schoolgate.matching.actions import end_links
from schoolgate.matching.models import ExternalId
from schoolgate.matching.occasions import Occasion
from schoolgate.matching.rules import OTHER_CHILD

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)


def test_notes_a_new_pupil_with_the_link_that_made_it():
    base = cast.base()
    run = land(base, pupil("twin one"))
    link = {"external_id": "p-001", "source": "sims_primary", "rule": "added", "roll_state": "Current"}
    assert links(run) == [("added", None, link)]
    change = RecordChange.objects.get(run_id=run.pk, group=LINK)
    assert (change.pupil_id, change.base_id, change.reason) == (
        who_is(base, "p-001"),
        base.pk,
        "new to the register",
    )
    assert change.file_id is not None
    kept = ExternalId.objects.get()
    assert (kept.source, kept.matched_by, kept.linked_by_run) == ("sims_primary", "added", run.pk)


def test_notes_by_which_rule_a_second_school_means_the_same_child():
    base, other = cast.base(), cast.base("Beckside Primary")
    land(base, pupil("twin one"))
    run = land(other, pupil(keys("twin one", external_id="x-1")), now=LATER, source="SIMS 7")
    link = {"external_id": "x-1", "source": "sims_7", "rule": "upn", "roll_state": "Current"}
    assert links(run) == [("added", None, link)]
    assert RecordChange.objects.get(run_id=run.pk, group=LINK).pupil_id == who_is(base, "p-001")


def test_notes_a_change_of_the_roll_and_not_that_somebody_was_seen():
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"))
    run = land(base, roll={"p-001": "Leaver", "p-002": "Current"}, now=LATER)
    told = {"external_id": "p-001", "source": "sims_primary"}
    assert links(run) == [("changed", {**told, "roll_state": "Current"}, {**told, "roll_state": "Leaver"})]
    assert set(ExternalId.objects.values_list("seen_run_id", flat=True)) == {run.pk}
    again = land(base, roll={"p-001": "Leaver", "p-002": "Current"}, now=LATER + timedelta(days=1))
    assert links(again) == []


def test_notes_whom_a_complete_roll_names_no_longer_once():
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"))
    rest = {"roll": {"p-002": "Current"}, "is_complete": True}
    run = land(base, now=LATER, **rest)
    told = {"external_id": "p-001", "source": "sims_primary"}
    assert links(run) == [("changed", {**told, "roll_state": "Current"}, {**told, "roll_state": "Absent"})]
    assert links(land(base, now=LATER + timedelta(days=1), **rest)) == []


def test_notes_who_ended_a_link_and_why():
    base = cast.base()
    land(base, pupil("twin one"))
    officer = cast.officer()
    end_links(
        ["p-001"],
        on=Occasion(base_id=base.pk, source="sims_primary", now=LATER),
        why=OTHER_CHILD,
        by=officer.pk,
    )
    change = RecordChange.objects.get(group=LINK, kind="ended")
    assert (change.user_id, change.reason, change.run_id) == (officer.pk, OTHER_CHILD, None)
    assert change.before["rule"] == "added"
    assert change.after == {"external_id": "p-001", "source": "sims_primary", "ended_why": OTHER_CHILD}


def test_holds_one_living_link_for_an_id_of_a_source():
    base = cast.base()
    land(base, pupil("twin one"))
    link = ExternalId.objects.get()
    link.pk = None
    with transaction.atomic(), pytest.raises(IntegrityError):
        link.save()
    link.source = "sims_7"
    link.save()
    assert ExternalId.objects.count() == 2


def test_gives_the_links_of_before_their_source_and_the_run_that_made_the_pupil():
    base, other = cast.base(), cast.base("Beckside Primary")
    first = land(base, pupil("twin one"))
    land(other, pupil(keys("twin one", external_id="x-1")), now=LATER)
    land(other, pupil(keys("twin two", external_id="x-2")), now=LATER, source="SIMS 7")
    ExternalId.objects.exclude(source="sims_7").update(source="", linked_by_run=None)
    migration = import_module("schoolgate.matching.migrations.0002_sources_and_history")
    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)
    assert set(
        ExternalId.objects.exclude(external_id="x-2").values_list("external_id", "source", "linked_by_run")
    ) == {
        ("p-001", "sims_primary", first.pk),
        ("x-1", "sims_primary", None),
    }
    assert ExternalId.objects.get(external_id="x-2").source == "sims_7"
