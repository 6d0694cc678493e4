"""Landing as a whole: files that are refused, several files, rolls, crashes, two workers, pages."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected
from tests import cast
from tests.landing import (
    ADDRESS,
    OTHER_ADDRESS,
    account,
    codes,
    enrolled,
    file_of,
    has_hash,
    held,
    keys,
    land,
    land_bodies,
    message,
    planned,
    pupil,
    who_is,
)

from schoolgate.audit.models import RecordChange
from schoolgate.blocks.actions import propose_pages
from schoolgate.blocks.models import CachedHashes, Outstanding, PageHash
from schoolgate.blocks.queries import landed_pages
from schoolgate.blocks.rules import PageCounts, ProposedPage
from schoolgate.importing import marks, writing
from schoolgate.importing.actions import land_run
from schoolgate.importing.tally import Tally
from schoolgate.matching.models import ExternalId
from schoolgate.pupils.models import Pupil
from schoolgate.runs.actions import request_cancel
from schoolgate.runs.books import UnbalancedBooksError
from schoolgate.runs.fence import StaleAttemptError
from schoolgate.runs.intake import Sifted
from schoolgate.runs.keeping import save_sifted
from schoolgate.runs.models import Run
from schoolgate.runs.rules import Terms
from schoolgate_message.records import DayMarks

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(days=1)
MUCH_LATER = cast.NOW + timedelta(days=2)


def nothing_is_written() -> bool:
    models = (Pupil, ExternalId, CachedHashes, RecordChange, Outstanding)
    return not any(model.objects.exists() for model in models)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda body: body[: len(body) // 2], "message.truncated"),
        (
            lambda body: body.replace(b"<Address>", b"<Adress>").replace(b"</Address>", b"</Adress>"),
            "message.schema",
        ),
        (lambda body: b'<!DOCTYPE x [<!ENTITY a "b">]>' + body.partition(b"?>")[2], "message.doctype"),
    ],
)
def test_refuses_a_bad_file_with_its_reason_keeps_it_and_writes_nothing(spoil, code):
    base = cast.base()
    run = land_bodies(base, spoil(message(base, pupil("twin one", address=ADDRESS))))
    file = file_of(run)
    assert (file.status, file.refusal_code) == ("import_failed", code)
    assert (run.stage, run.status, run.exception_code) == ("failed", "failed", code)
    assert codes(run) == [code]
    assert bytes(file.content.body)
    assert nothing_is_written()


def test_names_the_line_at_which_a_file_is_bad():
    base = cast.base()
    body = message(base, pupil("twin one", address=ADDRESS)).replace(b"<Pupils>", b"\n\n<Pupils>")
    spoilt = body.replace(b"<Address>", b"<Adress>").replace(b"</Address>", b"</Adress>")
    run = land_bodies(base, spoilt)
    assert file_of(run).refusal_line
    assert run.exception_sentence.startswith(f"Line {file_of(run).refusal_line}:")


def test_refuses_a_message_of_another_school():
    base, other = cast.base(), cast.base("Beckside Primary")
    run = land_bodies(base, message(other, pupil("twin one")))
    assert run.exception_code == "message.other_base"
    assert nothing_is_written()


def test_lands_several_files_as_one_run():
    base = cast.base()
    roll = {"p-001": "Current", "p-002": "Current"}
    told = {"roll": roll, "is_complete": True, "parts": 2}
    bad = {"ethnicity": "QQQ"}
    run = land_bodies(
        base,
        message(base, pupil("twin one", address=ADDRESS, ethnicity_language=bad), part=1, **told),
        message(base, pupil("twin two", address=ADDRESS), part=2, **told),
    )
    assert account(run, "address") == {"received": 2, "written": 2}
    assert codes(run) == ["item.unknown_code"]
    assert run.status == "exceptions"
    assert run.files.filter(status="completed").count() == 2
    assert set(ExternalId.objects.values_list("roll_state", flat=True)) == {"Current"}


def test_goes_on_with_the_second_file_after_a_crash_between_two(monkeypatch):
    base = cast.base()
    run = planned(
        base,
        message(base, pupil("twin one", address=ADDRESS), part=1, parts=2),
        message(base, pupil("twin two", address=ADDRESS), part=2, parts=2),
    )
    with monkeypatch.context() as patch:
        patch.setattr(writing, "record_changes", crash_at(2, writing.record_changes))
        with pytest.raises(RuntimeError):
            land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    assert list(run.files.order_by("part").values_list("status", flat=True)) == ["completed", "processing"]
    land_run(run_id=run.pk, attempt=run.attempt, now=LATER)
    run.refresh_from_db()
    assert account(run, "address") == {"received": 2, "written": 2}
    assert Pupil.objects.count() == 2


def crash_at(time, real, error=lambda: RuntimeError("pulled the plug")):
    calls = iter(range(1, 100))

    def crashing(*given, **named):
        if next(calls) == time:
            raise error()
        return real(*given, **named)

    return crashing


@pytest.mark.parametrize("place", ["merge_marks", "record_changes", "remember", "settle_outstanding"])
def test_leaves_nothing_behind_when_it_crashes_in_the_middle(monkeypatch, place):
    base = cast.base()
    run = planned(base, message(base, pupil("twin one", address=ADDRESS, marks=[cast_marks()])))
    with monkeypatch.context() as patch:
        module = marks if place == "merge_marks" else writing
        patch.setattr(module, place, crash_at(1, getattr(module, place)))
        with pytest.raises(RuntimeError):
            land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    assert nothing_is_written()
    land_run(run_id=run.pk, attempt=run.attempt, now=LATER)
    run.refresh_from_db()
    assert run.status == "exported"
    assert has_hash(base, "twin one", "address")


def cast_marks():
    return DayMarks(on="2026-11-20", am="/")


def test_rolls_back_loudly_when_a_block_goes_missing(monkeypatch):
    base = cast.base()
    run = planned(base, message(base, pupil("twin one", address=ADDRESS)))
    real = Tally.take

    def forgetful(self, outcome):
        real(self, outcome)
        if outcome.group.name == "address":
            self.counts["address"]["written"] = 0

    monkeypatch.setattr(Tally, "take", forgetful)
    with pytest.raises(UnbalancedBooksError):
        land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    assert nothing_is_written()
    run.refresh_from_db()
    assert (run.stage, run.exception_code) == ("failed", "run.unbalanced")
    assert file_of(run).status == "import_failed"


def wrapped_deadlock():
    error = OperationalError("deadlock detected")
    error.__cause__ = DeadlockDetected()
    return error


@pytest.mark.parametrize("deadlock", [wrapped_deadlock, DeadlockDetected], ids=["a statement", "a COPY"])
def test_lands_a_file_again_when_another_landing_stood_in_its_way(monkeypatch, deadlock):
    base = cast.base()
    run = planned(base, message(base, pupil("twin one", address=ADDRESS)))
    monkeypatch.setattr(writing, "record_changes", crash_at(1, writing.record_changes, deadlock))
    land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    run.refresh_from_db()
    assert (run.status, Pupil.objects.count()) == ("exported", 1)


def test_turns_a_worker_away_whose_run_was_taken_up_again():
    base = cast.base()
    run = planned(base, message(base, pupil("twin one")))
    Run.objects.filter(pk=run.pk).update(attempt=run.attempt + 1)
    with pytest.raises(StaleAttemptError):
        land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    assert nothing_is_written()


def test_stops_between_files_when_the_run_is_no_longer_wanted():
    base = cast.base()
    run = planned(base, message(base, pupil("twin one")))
    request_cancel(run.pk, by=None, now=cast.NOW)
    land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    run.refresh_from_db()
    assert run.stage == "cancelled"
    assert nothing_is_written()


def test_adds_what_collecting_settled_to_the_account():
    base = cast.base()
    run = planned(base, message(base, pupil("twin one", address=ADDRESS)))
    save_sifted(
        run.pk,
        attempt=run.attempt,
        sifted=Sifted(
            terms={"address": Terms(received=7, unchanged=4, left_out=2, refused=1)},
            pupils_read=8,
            pupils_declared=8,
            is_complete_read=True,
        ),
    )
    land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
    assert account(run, "address") == {
        "received": 8,
        "unchanged": 4,
        "left_out": 2,
        "refused": 1,
        "written": 1,
    }


def test_holds_a_removal_inferred_from_a_complete_roll_and_shows_it_once():
    base = cast.base()
    land(base, pupil("twin one", address=ADDRESS), pupil("twin two"), is_complete=True)
    first = land(base, roll={"p-002": "Current"}, is_complete=True, declared=1, now=LATER)
    assert codes(first) == ["roll.absent"]
    assert first.status == "exceptions"
    assert held(base, "twin one", "address") == ADDRESS
    assert has_hash(base, "twin one", "address")
    assert ExternalId.objects.get(external_id="p-001").roll_state == "Absent"
    second = land(base, roll={"p-002": "Current"}, is_complete=True, declared=1, now=MUCH_LATER)
    assert codes(second) == []
    assert second.status == "exported"


@pytest.mark.parametrize(
    "told",
    [
        {"is_complete": False},
        {"is_complete": True, "declared": 2},
        {"is_complete": True, "cohort": ["4"]},
    ],
    ids=["a partial read", "a roll shorter than declared", "another cohort"],
)
def test_infers_nothing_from(told):
    base = cast.base()
    enrolment = {"school_dfe_number": base.dfe_number, "nc_year": "3", "entry_on": "2023-09-05"}
    land(base, pupil("twin one", enrolments=[enrolment]), pupil("twin two"), is_complete=True)
    run = land(base, roll={"p-002": "Current"}, now=LATER, **told)
    assert codes(run) == []
    assert set(ExternalId.objects.values_list("roll_state", flat=True)) == {"Current"}


def test_holds_the_removal_of_a_pupil_missing_from_the_own_cohort():
    base = cast.base()
    enrolment = {"school_dfe_number": base.dfe_number, "nc_year": "3", "entry_on": "2023-09-05"}
    land(base, pupil("twin one", enrolments=[enrolment]), pupil("twin two"), is_complete=True)
    run = land(base, roll={"p-002": "Current"}, is_complete=True, cohort=["3"], now=LATER)
    assert codes(run) == ["roll.absent"]


def test_sees_an_absent_pupil_return():
    base = cast.base()
    land(base, pupil("twin one"), pupil("twin two"), is_complete=True)
    land(base, roll={"p-002": "Current"}, is_complete=True, now=LATER)
    land(base, roll={"p-001": "Current", "p-002": "Current"}, is_complete=True, now=MUCH_LATER)
    assert ExternalId.objects.get(external_id="p-001").roll_state == "Current"


def page(number, digest, *pupils):
    return ProposedPage(
        signature="learners",
        page=number,
        digest=UUID(int=digest).bytes,
        groups=("address",),
        counts=PageCounts(unchanged={"address": len(pupils)}),
        pupils=pupils,
    )


def land_with_pages(base, pages, *pupils, now=cast.NOW):
    run = planned(base, message(base, *pupils), now=now)
    propose_pages(run_id=run.pk, base_id=base.pk, pages=pages)
    land_run(run_id=run.pk, attempt=run.attempt, now=now)
    return run


def test_remembers_a_page_only_when_all_on_it_landed():
    base = cast.base()
    bad = pupil("twin two", ethnicity_language={"ethnicity": "QQQ"})
    land_with_pages(
        base, [page(1, 11, "p-001"), page(2, 12, "p-002")], pupil("twin one", address=ADDRESS), bad
    )
    assert list(landed_pages(base.pk, "learners")) == [1]


def test_forgets_the_pages_of_another_base_whose_part_it_writes():
    main, subsidiary = cast.base(), cast.base("Beckside Primary")
    land_with_pages(main, [page(1, 11, "p-010")], pupil("on two rolls", address=ADDRESS))
    assert landed_pages(main.pk, "learners")
    newer = [enrolled(subsidiary, entry_on="2026-11-20")]
    moved = pupil(keys("on two rolls", external_id="x-1"), address=OTHER_ADDRESS, enrolments=newer)
    land(subsidiary, moved, now=LATER)
    assert not landed_pages(main.pk, "learners")


def test_does_not_confirm_a_page_over_a_hash_forgotten_meanwhile():
    main, subsidiary = cast.base(), cast.base("Beckside Primary")
    land(main, pupil("on two rolls", address=ADDRESS))
    reading = planned(main, message(main, roll={"p-010": "Current"}), now=LATER)
    propose_pages(run_id=reading.pk, base_id=main.pk, pages=[page(1, 11, "p-010")])
    newer = [enrolled(subsidiary, entry_on="2026-11-20")]
    moved = pupil(keys("on two rolls", external_id="x-1"), address=OTHER_ADDRESS, enrolments=newer)
    land(subsidiary, moved, now=LATER)
    land_run(run_id=reading.pk, attempt=reading.attempt, now=LATER)
    assert not PageHash.objects.exists()


def test_drops_an_old_page_when_a_newer_block_came_another_way():
    base = cast.base()
    land_with_pages(base, [page(1, 11, "p-001"), page(2, 12, "p-002")], pupil("twin one", address=ADDRESS))
    land(base, pupil("twin one", address=OTHER_ADDRESS), now=LATER)
    assert list(landed_pages(base.pk, "learners")) == [2]


@pytest.mark.django_db(transaction=True)
def test_adds_a_child_once_when_two_schools_send_it_at_the_same_moment():
    bases = [cast.base(), cast.base("Beckside Primary")]
    sent = [keys("on two rolls"), keys("on two rolls", external_id="x-1")]
    runs = [planned(each, message(each, pupil(who))) for each, who in zip(bases, sent, strict=True)]
    wrong: list[BaseException] = []

    def work(run):
        try:
            land_run(run_id=run.pk, attempt=run.attempt, now=cast.NOW)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shall say it
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert Pupil.objects.count() == 1
    assert who_is(bases[0], "p-010") == who_is(bases[1], "x-1")
