"""A base collected end to end, from the sandbox's pages to the register, in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, collected, done, landed, planned
from tests.spec.register import left_long_ago

from schoolgate.audit.models import RecordChange
from schoolgate.blocks.models import PageHash
from schoolgate.collecting.models import StagedPage
from schoolgate.files.models import TransferFile
from schoolgate.lib import clock
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.queries import existing_blocks
from schoolgate.runs.left_out import NEVER_SENT, OUTSIDE_COHORT, REASONS, left_out_of
from schoolgate.runs.models import Run, RunException
from schoolgate.runs.queries import accounts_of
from schoolgate.runs.states import LogStatus, Stage
from schoolgate_message.groups import BY_NAME

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=3, pupils=40) as found:
        yield found


@pytest.fixture(autouse=True)
def healthy(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.heal()


def test_lands_a_snapshot_and_finds_nothing_new_in_the_next(sandbox: Sandbox) -> None:
    school = sandbox.schools()[0]
    base = base_of(sandbox, school)
    first = done(base, "snapshot")
    assert (first.exception_sentence, first.stage) == ("", Stage.DONE.value)
    assert first.status == LogStatus.SUCCESSFULLY_EXPORTED.value, list(RunException.objects.values())
    assert first.is_balanced
    truth = sandbox.control(f"/truth/{school['dfe_number']}")
    expected = {each["external_id"] for each in truth["pupils"] if not left_long_ago(each)}
    links = ExternalId.objects.filter(base_id=base.pk)
    assert set(links.values_list("external_id", flat=True)) == expected
    changes = RecordChange.objects.count()
    before = accounts_of(first.pk)
    second = done(base, "snapshot")
    assert second.status == LogStatus.NOTHING_CHANGED.value
    assert TransferFile.objects.count() == 1
    assert RecordChange.objects.count() == changes
    after = accounts_of(second.pk)
    assert {group: terms.received for group, terms in after.items()} == {
        group: terms.received for group, terms in before.items()
    }
    assert second.pupils_read == first.pupils_read
    assert not StagedPage.objects.exists()


def test_tells_by_the_hashes_when_the_pages_are_forgotten(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[0])
    done(base, "snapshot")
    pages = PageHash.objects.filter(base=base)
    assert pages.exists()
    pages.delete()
    again = done(base, "snapshot")
    assert again.status == LogStatus.NOTHING_CHANGED.value
    assert pages.exists()


def test_goes_on_behind_the_last_page_after_being_stopped(sandbox: Sandbox) -> None:
    school = sandbox.schools()[1]
    base = base_of(sandbox, school)
    run = planned(base, "snapshot")
    sandbox.fault("server_error", domain="LearnerSenNeeds", dfe_number=school["dfe_number"], times=1)
    waiting = collected(run)
    assert waiting.stage == Stage.WAITING.value
    assert waiting.retries == 1
    kept = StagedPage.objects.filter(run=run).count()
    assert kept >= 7
    assert not TransferFile.objects.exists()
    calls = sandbox.control("/calls")["by_domain"]
    finished = landed(collected(run))
    assert finished.status == LogStatus.EXPORTED_WITH_EXCEPTIONS.value
    after = sandbox.control("/calls")["by_domain"]
    assert after["LearnerContacts"] == calls["LearnerContacts"]


def test_brings_what_changed_and_whom_the_school_took_in(sandbox: Sandbox) -> None:
    school = sandbox.schools()[2]
    base = base_of(sandbox, school)
    done(base, "snapshot")
    assert done(base, "changed_data").status in {
        LogStatus.NOTHING_CHANGED.value,
        LogStatus.SUCCESSFULLY_EXPORTED.value,
    }
    pupil = next(
        each
        for each in sandbox.control(f"/truth/{school['dfe_number']}")["pupils"]
        if each["on_roll"] == "Current"
    )
    sandbox.control(
        "/edit",
        {
            "dfe_number": school["dfe_number"],
            "external_id": pupil["external_id"],
            "domain": "LearnerAddresses",
            "row": 0,
            "items": {"Street": "Quern Lane"},
        },
    )
    changed = done(base, "changed_data")
    assert changed.status == LogStatus.SUCCESSFULLY_EXPORTED.value
    assert accounts_of(changed.pk)["address"].written == 1
    assert sum(terms.written for terms in accounts_of(changed.pk).values()) == 1


def test_brings_marks_as_whole_codes(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[0])
    done(base, "snapshot")
    marks = done(base, "attendance_changed_data")
    assert marks.exception_sentence == ""
    terms = accounts_of(marks.pk)["attendance"]
    assert terms.written > 100
    assert terms.refused == 0
    assert marks.is_balanced


def test_leaves_the_years_out_that_a_task_does_not_ask_for(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[0])
    run = done(base, "snapshot", nc_years=("3", "4"))
    terms = accounts_of(run.pk)["address"]
    assert terms.written == run.pupils_read
    assert terms.left_out == terms.received - terms.written > 0
    again = done(base, "snapshot", nc_years=("3", "4"))
    assert again.status == LogStatus.NOTHING_CHANGED.value
    assert accounts_of(again.pk)["address"].left_out == terms.left_out
    for each in (run, again):
        listed, told_by = left_out_of(each, group="address")
        assert len(listed) == terms.left_out
        assert {pupil.reason for pupil in listed} == {REASONS[OUTSIDE_COHORT]}
        assert told_by == run
    assert Run.objects.filter(is_balanced=True).count() == 2


def test_takes_no_leaver_of_the_past_and_lists_them(sandbox: Sandbox) -> None:
    school = sandbox.schools()[1]
    base = base_of(sandbox, school)
    run = done(base, "snapshot")
    pupils = sandbox.control(f"/truth/{school['dfe_number']}")["pupils"]
    past = {each["external_id"] for each in pupils if left_long_ago(each)}
    assert past
    listed, _ = left_out_of(run)
    never_sent = {each.external_id for each in listed if each.reason == REASONS[NEVER_SENT]}
    assert past <= never_sent
    assert not ExternalId.objects.filter(base_id=base.pk, external_id__in=past).exists()
    assert run.status == LogStatus.SUCCESSFULLY_EXPORTED.value
    assert done(base, "snapshot").status == LogStatus.NOTHING_CHANGED.value


@pytest.mark.parametrize("data_type", ["snapshot", "changed_data"])
def test_hears_of_one_who_joined_and_left_between_two_runs(sandbox: Sandbox, data_type: str) -> None:
    school = sandbox.schools()[1]
    base = base_of(sandbox, school)
    pupils = sandbox.control(f"/truth/{school['dfe_number']}")["pupils"]
    gone = next(each["external_id"] for each in pupils if each["on_roll"] == "Current")
    left_on = clock.today().isoformat()
    sandbox.control("/leave", {"dfe_number": school["dfe_number"], "external_id": gone, "on": left_on})
    run = done(base, data_type)
    link = ExternalId.objects.get(base_id=base.pk, external_id=gone)
    assert (link.roll_state, link.family_name != "") == ("Leaver", True)
    enrolment = existing_blocks(BY_NAME["enrolments"], [link.pupil_id], base.pk)[link.pupil_id]
    assert left_on in {row["leaving_on"] for row in enrolment}
    assert not existing_blocks(BY_NAME["address"], [link.pupil_id], base.pk)
    assert run.is_balanced
    assert done(base, "snapshot").status == LogStatus.NOTHING_CHANGED.value
