"""The ways a block could be lost between two runs, each tried against the sandbox and a real database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, done

from schoolgate.attendance.models import AttendanceYear
from schoolgate.bases.models import Base
from schoolgate.blocks.actions import forget, note_outstanding, settle_outstanding
from schoolgate.blocks.models import CachedHashes, PageHash
from schoolgate.blocks.queries import outstanding
from schoolgate.collecting import actions
from schoolgate.collecting.officers import set_source_setting
from schoolgate.connectors.port import OnRoll
from schoolgate.connectors.sims_primary.source import SimsPrimarySource
from schoolgate.lib import clock
from schoolgate.matching.models import ExternalId
from schoolgate.runs.models import RunException
from schoolgate.runs.queries import accounts_of
from schoolgate.runs.states import LogStatus
from schoolgate_message.groups import BY_NAME

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=9, pupils=40) as found:
        yield found


@pytest.fixture(autouse=True)
def healthy(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.heal()


def pupils_of(sandbox: Sandbox, base: Base, *, state: str = "Current") -> list[dict[str, Any]]:
    """The source's own pupils of a base in one state of the roll."""
    truth = sandbox.control(f"/truth/{base.dfe_number}")
    return [each for each in truth["pupils"] if each["on_roll"] == state]


def in_another_year(monkeypatch: pytest.MonkeyPatch, external_id: str, year: str) -> None:
    """Let the source say that a pupil is in this National Curriculum Year."""
    said = SimsPrimarySource.nc_year

    def nc_year(self: SimsPrimarySource, entry: OnRoll, names: Mapping[str, str]) -> str:
        return year if entry.external_id == external_id else said(self, entry, names)

    monkeypatch.setattr(SimsPrimarySource, "nc_year", nc_year)


def edit(sandbox: Sandbox, base: Base, external_id: str, domain: str, **items: object) -> None:
    """Change a pupil's first row of a domain at the source."""
    place = {"dfe_number": base.dfe_number, "external_id": external_id, "domain": domain, "row": 0}
    sandbox.control("/edit", {**place, "items": items})


def wait_for(base: Base, external_id: str, group: str, *, run_id: int) -> None:
    """Put a block on the outstanding list, its hash and pages forgotten, as a refusal does."""
    pupil_id = ExternalId.objects.get(base=base, external_id=external_id).pupil_id
    forget(pupil_ids=[pupil_id], groups=[group], base_id=base.pk, now=clock.now())
    note_outstanding(
        [(external_id, group, "x")], base_id=base.pk, source=base.source, run_id=run_id, now=clock.now()
    )


def test_leaves_blocks_outstanding_that_an_attendance_run_did_not_read(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[0])
    run = done(base, "snapshot")
    child = pupils_of(sandbox, base)[0]["external_id"]
    wait_for(base, child, "address", run_id=run.pk)
    done(base, "attendance_changed_data")
    assert [each[:2] for each in outstanding(base.pk, source=base.source)] == [(child, "address")]
    done(base, "changed_data")
    assert outstanding(base.pk, source=base.source) == []


NOBODY_ASKS_LIKE_THIS = "{pupil} of {external_id} with {start} between {from_at} and {until_at}"


@pytest.mark.parametrize(("asked", "readings"), [("", 1), (NOBODY_ASKS_LIKE_THIS, 2)])
def test_reads_marks_again_that_did_not_land_by_the_pupils_id_where_the_source_allows_it(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, asked: str, readings: int
) -> None:
    base = base_of(sandbox, sandbox.schools()[8])
    set_source_setting("sims_primary", name="marks_filter", value=asked, by=None, now=clock.now())
    done(base, "snapshot")
    with monkeypatch.context() as patch:
        patch.setattr(SimsPrimarySource, "attendance_codes", lambda _: {})
        first = done(base, "attendance_changed_data")
    assert accounts_of(first.pk)["attendance"].written == 0
    child, *others = [
        key for key, group, _ in outstanding(base.pk, source=base.source) if group == "attendance"
    ]
    settle_outstanding([(each, "attendance") for each in others], base_id=base.pk, source=base.source)
    since = []
    changed_marks = SimsPrimarySource.changed_marks
    with monkeypatch.context() as patch:
        patch.setattr(
            SimsPrimarySource,
            "changed_marks",
            lambda self, since_at: since.append(since_at) or changed_marks(self, since_at),
        )
        again = done(base, "attendance_changed_data")
    assert len(since) == readings
    assert outstanding(base.pk, source=base.source) == []
    pupil_id = ExternalId.objects.get(base=base, external_id=child).pupil_id
    years = AttendanceYear.objects.filter(pupil_id=pupil_id)
    held = sum(len(each.marks) - each.marks.count("-") for each in years)
    there = next(each["marks"] for each in pupils_of(sandbox, base) if each["external_id"] == child)
    assert held >= sum(2 - day.count("-") for day in there.values()) > 0
    assert again.is_balanced


def test_keeps_refusing_what_a_pupil_who_entered_the_cohort_brings(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = base_of(sandbox, sandbox.schools()[1])
    pupils = pupils_of(sandbox, base)
    child = pupils[0]["external_id"]
    year = next(each["year"] for each in pupils if each["year"] != pupils[0]["year"])
    edit(sandbox, base, child, "LearnerAddresses", PostCode="X" * 400)
    done(base, "snapshot", nc_years=(year,))
    in_another_year(monkeypatch, child, year)
    PageHash.objects.filter(base=base, groups=[]).update(digest=uuid4())  # a year on the roll was another one
    entered = done(base, "snapshot", nc_years=(year,))
    assert accounts_of(entered.pk)["address"].refused == 1
    again = done(base, "snapshot", nc_years=(year,))
    assert accounts_of(again.pk)["address"].refused == 1
    assert (child, "address") in {each[:2] for each in outstanding(base.pk, source=base.source)}


def test_trusts_no_page_over_a_block_that_was_forgotten_while_it_was_read(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = base_of(sandbox, sandbox.schools()[2])
    done(base, "snapshot")
    first, other = (each["external_id"] for each in pupils_of(sandbox, base)[:2])
    edit(sandbox, base, first, "LearnerAddresses", Street="Quern Lane")
    pupil_id = ExternalId.objects.get(base=base, external_id=other).pupil_id
    sifted = actions.has_news

    def overtaken(*given: Any) -> bool:
        forget(
            pupil_ids=[pupil_id], groups=["address"], base_id=base.pk, now=clock.now() - timedelta(hours=1)
        )
        return sifted(*given)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "has_news", overtaken)
        done(base, "snapshot")
    assert not PageHash.objects.filter(base=base, groups__contains=["address"]).exists()
    done(base, "snapshot")
    hashes = CachedHashes.objects.get(base=base, pupil_id=pupil_id).hashes
    assert hashes[BY_NAME["address"].number - 1] is not None


def test_asks_for_the_keys_of_an_unmatched_leaver_again(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[3])
    done(base, "snapshot")
    gone = pupils_of(sandbox, base)[0]["external_id"]
    sandbox.control("/leave", {"dfe_number": base.dfe_number, "external_id": gone, "on": "2026-11-20"})
    run = done(base, "changed_data")
    link = ExternalId.objects.get(base=base, external_id=gone, roll_state="Leaver")
    forget(pupil_ids=[link.pupil_id], groups=["enrolments"], now=clock.now())
    link.delete()
    entry = (link.external_id, "enrolments", "match.ambiguous")
    note_outstanding([entry], base_id=base.pk, source=base.source, run_id=run.pk, now=clock.now())
    done(base, "changed_data")
    again = ExternalId.objects.get(base=base, external_id=link.external_id)
    assert (again.pupil_id, again.date_of_birth) == (link.pupil_id, link.date_of_birth)


def test_learns_the_new_external_ids_of_a_school_whose_blocks_are_all_known(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[6])
    done(base, "snapshot")
    ExternalId.objects.filter(base=base).update(external_id=Concat(Value("old-"), F("external_id")))
    PageHash.objects.filter(base=base).delete()
    moved = done(base, "snapshot")
    assert sum(terms.written for terms in accounts_of(moved.pk).values()) == 0
    assert not RunException.objects.filter(run=moved, kind="held").exists()
    new = ExternalId.objects.filter(base=base).exclude(external_id__startswith="old-")
    assert new.count() == ExternalId.objects.filter(base=base, external_id__startswith="old-").count()
    assert done(base, "snapshot").status == LogStatus.NOTHING_CHANGED.value


def test_passes_over_a_row_that_was_deleted_of_somebody_never_sent(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[6])
    done(base, "snapshot")
    done(base, "changed_data")
    child = pupils_of(sandbox, base)[0]["external_id"]
    ExternalId.objects.filter(base=base, external_id=child).delete()
    row = {"dfe_number": base.dfe_number, "external_id": child, "domain": "LearnerAddresses", "row": 0}
    sandbox.control("/edit", row | {"remove": True})
    run = done(base, "changed_data")
    assert run.is_balanced
    address = accounts_of(run.pk)["address"]
    assert (address.received, address.unchanged) == (1, 1)


def test_takes_nobody_for_gone_who_went_up_a_year(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    base = base_of(sandbox, sandbox.schools()[4])
    child, *others = pupils_of(sandbox, base)
    stays = next(each for each in others if each["year"] == child["year"])
    done(base, "snapshot", nc_years=(child["year"],))
    in_another_year(monkeypatch, child["external_id"], "14")
    edit(sandbox, base, stays["external_id"], "LearnerAddresses", Street="Quern Lane")
    run = done(base, "snapshot", nc_years=(child["year"],))
    assert run.is_complete_read
    assert not RunException.objects.filter(run=run, kind="held").exists()
    assert ExternalId.objects.get(base=base, external_id=child["external_id"]).roll_state == "Current"


def test_reads_the_earlier_marks_of_whoever_enters_the_cohort(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = base_of(sandbox, sandbox.schools()[5])
    pupils = pupils_of(sandbox, base)
    child = next(each for each in pupils if len(each["marks"]) > 20)
    year = next(each["year"] for each in pupils if each["year"] != child["year"])
    done(base, "snapshot")
    done(base, "attendance_changed_data", nc_years=(year,))
    in_another_year(monkeypatch, child["external_id"], year)
    run = done(base, "attendance_changed_data", nc_years=(year,))
    assert accounts_of(run.pk)["attendance"].written >= len(child["marks"])
