"""What can no longer come is not read again, and what waits for a person is not either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, done

from schoolgate.bases.models import Base
from schoolgate.blocks.actions import note_outstanding
from schoolgate.blocks.models import PageHash
from schoolgate.blocks.queries import outstanding
from schoolgate.collecting.marks import Marks
from schoolgate.connectors.sims_primary.source import SimsPrimarySource
from schoolgate.holding.models import HeldItem
from schoolgate.lib import clock
from schoolgate.matching.models import ExternalId
from schoolgate.runs.models import RunException
from schoolgate.runs.states import LogStatus
from schoolgate_message.groups import ATTENDANCE

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=9, pupils=40) as found:
        yield found


def pupils_of(sandbox: Sandbox, base: Base) -> list[dict[str, Any]]:
    found = sandbox.control(f"/truth/{base.dfe_number}")["pupils"]
    return [each for each in found if each["on_roll"] == "Current"]


def asked_of(base: Base) -> set[tuple[str, str]]:
    return {each[:2] for each in outstanding(base.pk, source=base.source)}


def test_asks_no_more_for_the_refused_block_of_a_pupil_who_has_left(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = base_of(sandbox, sandbox.schools()[1])
    child = pupils_of(sandbox, base)[0]["external_id"]
    place = {"dfe_number": base.dfe_number, "external_id": child, "domain": "LearnerAddresses", "row": 0}
    sandbox.control("/edit", {**place, "items": {"PostCode": "X" * 400}})
    done(base, "snapshot")
    assert asked_of(base) == {(child, "address")}
    sandbox.control("/leave", {"dfe_number": base.dfe_number, "external_id": child, "on": "2026-11-20"})
    asked = []
    of_pupil = SimsPrimarySource.of_pupil
    monkeypatch.setattr(
        SimsPrimarySource, "of_pupil", lambda self, *wanted: asked.append(wanted) or of_pupil(self, *wanted)
    )
    left = done(base, "changed_data")
    assert asked_of(base) == set()
    assert "refused" not in set(RunException.objects.filter(run=left).values_list("kind", flat=True))
    again = done(base, "changed_data")
    assert (again.status, asked) == (LogStatus.NOTHING_CHANGED.value, [])


def test_asks_no_more_for_marks_that_the_school_has_not_got_any_more(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = base_of(sandbox, sandbox.schools()[4])
    run = done(base, "snapshot")
    child, other = (each["external_id"] for each in pupils_of(sandbox, base)[:2])
    entries = [(each, ATTENDANCE, "x") for each in (child, other)]
    note_outstanding(entries, base_id=base.pk, source=base.source, run_id=run.pk, now=clock.now())
    add = Marks.add

    def without_the_childs(self: Marks, external_id: str, *mark: str) -> None:
        if external_id != child:
            add(self, external_id, *mark)

    monkeypatch.setattr(Marks, "add", without_the_childs)
    done(base, "attendance_changed_data")
    assert asked_of(base) == set()


def test_puts_a_namesake_who_comes_on_the_roll_before_a_person_and_asks_for_nothing_meanwhile(
    sandbox: Sandbox,
) -> None:
    first, second = (base_of(sandbox, sandbox.schools()[place]) for place in (5, 7))
    for base in (first, second):
        done(base, "snapshot")
    there = ExternalId.objects.get(base=first, external_id=pupils_of(sandbox, first)[0]["external_id"])
    here = pupils_of(sandbox, second)[0]["external_id"]
    ExternalId.objects.filter(pk=there.pk).update(upn="")
    link = ExternalId.objects.filter(base=second, external_id=here)
    link.update(pupil_id=there.pupil_id, roll_state="Future", matched_by="identity")
    PageHash.objects.filter(base=second, groups=[]).update(digest=uuid4())
    run = done(second, "changed_data")
    told = RunException.objects.filter(run=run, kind="held")
    assert list(told.values_list("code", "external_id", "pupil_id")) == [
        ("match.two_schools", here, there.pupil_id)
    ]
    held = HeldItem.objects.filter(base=second, external_id=here, state="waiting")
    assert {"who", "basic_details", "address"} <= set(held.values_list("group", flat=True))
    for data_type in ("changed_data", "snapshot"):
        again = done(second, data_type)
        assert again.status == LogStatus.NOTHING_CHANGED.value
    assert asked_of(second) == set()
    assert done(first, "snapshot").status == LogStatus.NOTHING_CHANGED.value
