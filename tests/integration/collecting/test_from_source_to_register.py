"""A base collected end to end, from the sandbox's pages to the register, in this process."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.contracts.sandbox import Sandbox, running
from tests.integration.collecting.journeys import base_of, collected, done, landed, planned
from tests.spec.register import left_long_ago

from schoolgate.audit.models import RecordChange
from schoolgate.blocks.models import PageHash
from schoolgate.collecting.actions import collect
from schoolgate.collecting.models import StagedPage
from schoolgate.collecting.officers import save_override, set_source_setting
from schoolgate.collecting.sources import source_of
from schoolgate.collecting.stage import Page, StagedPages
from schoolgate.files.models import TransferFile
from schoolgate.lib import clock
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import TABLES
from schoolgate.pupils.queries import existing_blocks
from schoolgate.runs.actions import take_up
from schoolgate.runs.left_out import left_out_of
from schoolgate.runs.models import Run, RunException
from schoolgate.runs.queries import accounts_of
from schoolgate.runs.reasons import NEVER_SENT, OUTSIDE_COHORT, REASONS
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


def test_keeps_the_books_of_a_run_in_which_nothing_changed_in_six_statements(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[0])
    done(base, "snapshot")
    run = planned(base, "snapshot")
    with CaptureQueriesContext(connection) as asked:
        taken = take_up(run.pk, stage=Stage.COLLECTING, worker="w", now=clock.now())
        assert taken is not None
        collect(taken)
    run.refresh_from_db()
    assert run.status == LogStatus.NOTHING_CHANGED.value
    told = [each["sql"] for each in asked if "source_turn" not in each["sql"]]
    # How far it is, a run shows every half second; on a slow machine this one comes to it.
    apart = ("SAVEPOINT", "RELEASE SAVEPOINT", "-- Adds to what is shown")
    statements = [sql for sql in told if not sql.startswith(apart)]
    assert len(statements) == 6, statements


def test_heeds_at_the_next_run_what_officers_have_set(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[0])
    done(base, "snapshot")
    now = clock.now()
    before = source_of(base)
    save_override(
        "sims_primary",
        domain="LearnerAddresses",
        group="address",
        item="country",
        constant="Wales",
        by=None,
        now=now,
    )
    set_source_setting("sims_primary", name="overlap_seconds", value="77", by=None, now=now)
    after = source_of(base)
    assert (before.habits.overlap_seconds, after.habits.overlap_seconds) == (300, 77)
    assert after.fingerprint != before.fingerprint
    changed = done(base, "snapshot")
    assert changed.status == LogStatus.SUCCESSFULLY_EXPORTED.value
    assert set(TABLES["address"].objects.values_list("country", flat=True)) == {"Wales"}


def test_writes_down_known_pages_only_where_a_run_takes_long(sandbox: Sandbox) -> None:
    base = base_of(sandbox, sandbox.schools()[0])
    clocks = iter([0.0, 4.9, 5.1, 5.2])
    stage = StagedPages(planned(base, "snapshot").pk, since_at=None, monotonic=lambda: next(clocks))
    page = Page(reading="r", number=1, link="l", next_link=None, digest=bytes(16), size=2, body=b"{}")
    stage.add(page, is_known=True)
    assert not StagedPage.objects.exists()
    stage.add(msgspec.structs.replace(page, number=2), is_known=True)
    assert StagedPage.objects.count() == 2
    assert [(each.number, each.body) for each in stage.pages("r")] == [(1, None), (2, None)]


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
    assert finished.status == LogStatus.SUCCESSFULLY_EXPORTED.value
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
