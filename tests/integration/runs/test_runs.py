"""The life of a run: planned once, taken up one at a time per base, fenced, accounted for, logged."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from tests import cast

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.runs import access, queries
from schoolgate.runs.actions import (
    cancel_run,
    fail_run,
    finish_run,
    finish_unchanged,
    request_cancel,
    take_up,
    wait_for_retry,
)
from schoolgate.runs.books import UnbalancedBooksError
from schoolgate.runs.fence import StaleAttemptError
from schoolgate.runs.intake import Intake, Sifted
from schoolgate.runs.keeping import save_intake, save_progress, save_sifted
from schoolgate.runs.models import Account, Run, Since, TaskLogEntry
from schoolgate.runs.progress import ReadSoFar
from schoolgate.runs.rules import Problem, Terms
from schoolgate.runs.states import LastRunStatus, LogStatus, Stage
from schoolgate.runs.task_log import LogFilters, task_log

pytestmark = pytest.mark.django_db

LATER = cast.NOW + timedelta(minutes=5)
NOTHING_NEW = {"address": Terms(received=3, unchanged=3)}
NOTHING_SIFTED = Sifted(terms={}, pupils_read=0, pupils_declared=None, is_complete_read=True)


def stage_of(run: Run) -> Stage:
    return Stage(Run.objects.values_list("stage", flat=True).get(pk=run.pk))


def take(run: Run, stage: Stage = Stage.COLLECTING, now=cast.NOW) -> Run | None:
    return take_up(run.pk, stage=stage, worker="w1", now=now)


def finish(run: Run, accounts=NOTHING_NEW, **more) -> Run:
    return finish_run(run.pk, attempt=run.attempt, accounts=accounts, **{"now": LATER, **more})


def test_plans_one_run_an_occurrence():
    base = cast.base()
    task = cast.task(base)
    assert cast.run(base, task=task) == cast.run(base, task=task)
    assert cast.run(base, task=task, planned_at=LATER) != cast.run(base, task=task)


def test_lets_a_second_run_of_the_base_wait():
    base = cast.base()
    first, second = cast.run_at_work(base), cast.run(base)
    assert take(second) is None
    second.refresh_from_db()
    assert (second.stage, second.waits_for) == ("waiting", "another run of this base")
    assert queries.next_waiting(base.pk) == second.pk
    finish(first)
    taken = take(second)
    assert taken is not None
    assert (taken.stage, taken.waits_for) == ("collecting", "")


def test_lets_runs_of_different_bases_work_at_once():
    assert cast.run_at_work(cast.base()).stage == cast.run_at_work(cast.base("Marsh Lane")).stage


@pytest.mark.django_db(transaction=True)
def test_lets_one_of_two_workers_have_the_base():
    base = cast.base()
    runs = [cast.run(base), cast.run(base)]
    taken: list[Run | None] = []
    start = threading.Barrier(2)

    def work(run: Run) -> None:
        start.wait()
        taken.append(take(run))
        connection.close()

    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each is None for each in taken) == [False, True]
    assert sorted(stage_of(run).value for run in runs) == ["collecting", "waiting"]


def test_lets_an_officers_wish_go_before_the_nightly_runs():
    base = cast.base()
    at_work = cast.run_at_work(base)
    nightly, wished = cast.run(base), cast.run(base, priority=10)
    take(nightly)
    take(wished)
    finish(at_work)
    assert queries.next_waiting(base.pk) == wished.pk


def test_turns_an_attempt_away_that_is_no_longer_the_newest():
    old = cast.run_at_work(cast.base())
    new = take(old)
    assert new is not None
    assert new.attempt == 2
    for write in (
        lambda: save_progress(old.pk, attempt=1, progress=ReadSoFar(pages=1)),
        lambda: save_sifted(old.pk, attempt=1, sifted=NOTHING_SIFTED),
        lambda: save_intake(old.pk, attempt=1, intake=Intake()),
        lambda: finish(old),
        lambda: finish_unchanged(old, sifted=NOTHING_SIFTED, now=LATER),
        lambda: fail_run(old.pk, attempt=1, code="x", sentence="s", remedy="r", detail="", now=LATER),
        lambda: wait_for_retry(old.pk, attempt=1, waits_for="the source", now=LATER),
    ):
        with pytest.raises(StaleAttemptError):
            write()
    save_progress(new.pk, attempt=2, progress=ReadSoFar(pages=1))


def test_goes_on_from_collecting_to_landing_and_not_back():
    run = cast.run_at_work(cast.base())
    landing = take(run, Stage.LANDING)
    assert landing is not None
    assert (landing.stage, landing.attempt) == ("landing", 2)
    assert take(run) is None
    assert stage_of(run) is Stage.LANDING


def test_ends_a_run_in_which_nothing_changed_and_says_so_in_the_task_log():
    base = cast.base()
    run = finish(cast.run_at_work(base, task=cast.task(base)))
    entry = TaskLogEntry.objects.get(run=run)
    assert (run.status, run.is_balanced, stage_of(run)) == ("nothing_changed", True, Stage.DONE)
    assert (entry.task_name, entry.file_name, entry.status) == ("Nightly changes", "", "nothing_changed")
    assert (entry.cohort, entry.exception_details) == ("All", "")
    assert queries.accounts_of(run.pk) == NOTHING_NEW


def test_keeps_every_term_of_the_books():
    names = Terms.__struct_fields__[1:]
    terms = Terms(
        received=sum(range(1, len(names) + 1)),
        **{name: count for count, name in enumerate(names, start=1)},
    )
    run = finish(cast.run_at_work(cast.base()), {"address": terms, "contacts": Terms()})
    assert queries.accounts_of(run.pk) == {"address": terms, "contacts": Terms()}


def test_keeps_what_was_shown_and_who_was_read_of_a_run_in_which_nothing_changed():
    run = cast.run_at_work(cast.base())
    save_progress(run.pk, attempt=1, progress=ReadSoFar(pages=7))
    sifted = Sifted(
        terms=NOTHING_NEW,
        pupils_read=3,
        pupils_declared=4,
        is_complete_read=True,
        cohort=["p-001"],
    )
    finish_unchanged(run, sifted=sifted, now=LATER)
    kept = Run.objects.get(pk=run.pk)
    assert (kept.progress, kept.intake) == ({"pages": 7}, None)
    assert queries.accounts_of(run.pk) == NOTHING_NEW
    assert (kept.stage, kept.pupils_read, kept.pupils_declared, kept.cohort) == ("done", 3, 4, [])
    assert queries.last_cohort(kept) == {"p-001"}


def test_counts_nothing_from_a_run_whose_task_was_deleted_meanwhile():
    base = cast.base()
    task = cast.task(base)
    run = cast.run_at_work(base, task=task)
    task.delete()
    finish(run)
    assert not Since.objects.exists()


def test_refuses_books_that_do_not_balance():
    run = cast.run_at_work(cast.base())
    with pytest.raises(UnbalancedBooksError, match="address: received 3, accounted for 2"):
        finish(run, {"address": Terms(received=3, written=2)})
    assert stage_of(run) is Stage.COLLECTING
    assert not Account.objects.exists()


def test_shows_what_could_not_be_landed():
    run = cast.run_at_work(cast.base())
    problem = Problem(
        kind="refused",
        code="upn.check",
        sentence="A UPN fails its check.",
        remedy="Mend it in SIMS.",
        pupil_id=4,
    )
    finish(run, {"identifiers": Terms(received=1, refused=1)}, exceptions=[problem])
    entry = TaskLogEntry.objects.get(run=run)
    assert entry.status == LogStatus.EXPORTED_WITH_EXCEPTIONS.value
    assert entry.exception_details == "Mend it in SIMS. A UPN fails its check."
    assert [each.pupil_id for each in queries.exceptions_of(run.pk, kind="refused")] == [4]


def test_shows_at_the_end_what_collecting_itself_refused():
    run = cast.run_at_work(cast.base())
    refused = Problem(kind="refused", code="collecting.value", sentence="A date is none.", remedy="Mend it.")
    save_sifted(
        run.pk,
        attempt=1,
        sifted=Sifted(
            terms={"address": Terms(received=1, refused=1)},
            pupils_read=1,
            pupils_declared=1,
            is_complete_read=True,
            problems=[refused],
        ),
    )
    finish(run, {"address": Terms(received=1, refused=1)})
    assert [each.code for each in queries.exceptions_of(run.pk)] == ["collecting.value"]


def test_counts_from_the_start_of_the_last_successful_read_of_the_same_task():
    base = cast.base()
    task = cast.task(base)
    first = cast.run_at_work(base, task=task)
    assert first.since_at == cast.MOVED_AT
    finish(first)
    failed = cast.run_at_work(base, task=task, planned_at=LATER, now=LATER)
    assert failed.since_at == cast.NOW
    fail_run(
        failed.pk, attempt=1, code="source.hang", sentence="It hung.", remedy="Wait.", detail="", now=LATER
    )
    third = cast.run_at_work(base, task=task, planned_at=LATER + timedelta(1))
    assert third.since_at == cast.NOW
    finish(third)
    assert cast.run_at_work(base, task=cast.task(base, name="Other")).since_at == cast.MOVED_AT


def test_remembers_the_cohort_it_read_for_the_next_run():
    base = cast.base()
    task = cast.task(base)
    first = cast.run_at_work(base, task=task)
    assert queries.last_cohort(first) is None
    save_sifted(
        first.pk,
        attempt=1,
        sifted=Sifted(terms={}, pupils_read=2, pupils_declared=2, is_complete_read=True, cohort=["a", "b"]),
    )
    finish(first)
    assert queries.last_cohort(cast.run(base, task=task, planned_at=LATER)) == {"a", "b"}
    assert Run.objects.get(pk=first.pk).cohort == []


def test_says_when_the_source_no_longer_reaches_back():
    base = cast.base(moved_at=cast.NOW - timedelta(days=400))
    task = cast.task(base)
    old = finish(cast.run_at_work(base, task=task))
    Since.objects.filter(run_id=old.pk).update(since_at=cast.NOW - timedelta(days=200))
    run = finish(cast.run_at_work(base, task=task, planned_at=LATER, now=LATER))
    assert run.status == LogStatus.EXPORTED_WITH_EXCEPTIONS.value
    assert TaskLogEntry.objects.get(run=run).exception_details.startswith("Run a snapshot of this base")


def test_starts_a_failed_runs_details_with_what_to_do():
    run = cast.run_at_work(cast.base())
    fail_run(
        run.pk,
        attempt=1,
        code="token.secret",
        sentence="SIMS ID rejected the secret.",
        remedy="Replace the secret.",
        detail="401 invalid_client",
        now=LATER,
    )
    run.refresh_from_db()
    entry = TaskLogEntry.objects.get(run=run)
    assert (run.stage, run.status, run.exception_code) == ("failed", "failed", "token.secret")
    assert entry.exception_details == "Replace the secret. SIMS ID rejected the secret."


def test_waits_longer_after_every_temporary_fault_and_frees_the_base():
    base = cast.base()
    run = cast.run_at_work(base)
    assert wait_for_retry(run.pk, attempt=1, waits_for="the source is busy", now=LATER) == LATER + timedelta(
        seconds=2
    )
    assert queries.next_waiting(base.pk) is None
    other = cast.run_at_work(base)
    finish(other)
    resumed = take(run, now=LATER)
    assert resumed is not None
    assert wait_for_retry(run.pk, attempt=2, waits_for="the source is busy", now=LATER) == LATER + timedelta(
        seconds=4
    )


def test_reads_anew_after_another_run_of_the_base_has_read():
    base = cast.base()
    run = cast.run_at_work(base)
    save_progress(run.pk, attempt=1, progress=ReadSoFar(pages=3))
    met = [("source.busy", "429 at page 4")]
    wait_for_retry(run.pk, attempt=1, waits_for="the source is busy", now=LATER, met=met)
    undisturbed = take(run, now=LATER)
    assert undisturbed is not None
    assert (undisturbed.read_started_at, undisturbed.progress) == (cast.NOW, {"pages": 3})
    assert undisturbed.met == [["source.busy", "429 at page 4"]]
    wait_for_retry(run.pk, attempt=2, waits_for="the source is busy", now=LATER)
    finish(cast.run_at_work(base, now=LATER))
    disturbed = take(run, now=LATER + timedelta(minutes=1))
    assert disturbed is not None
    assert (disturbed.read_started_at, disturbed.progress) == (LATER + timedelta(minutes=1), {})
    assert disturbed.met == []


def test_lands_what_was_collected_first_before_anything_else_is_read():
    base = cast.base()
    run = cast.run_at_work(base)
    save_sifted(
        run.pk, attempt=1, sifted=Sifted(terms={}, pupils_read=0, pupils_declared=None, is_complete_read=True)
    )
    wait_for_retry(run.pk, attempt=1, waits_for="the database", now=LATER)
    assert take(cast.run(base)) is None
    assert take(run, Stage.LANDING) is not None


def test_cancels_at_once_what_nobody_works_on():
    run = cast.run(cast.base())
    request_cancel(run.pk, by=None, now=LATER)
    assert stage_of(run) is Stage.CANCELLED
    assert take(run) is None


def test_cancels_a_run_at_work_at_its_next_checkpoint():
    run = cast.run_at_work(cast.base())
    request_cancel(run.pk, by=None, now=LATER)
    assert save_progress(run.pk, attempt=1, progress=ReadSoFar())
    assert stage_of(run) is Stage.COLLECTING
    cancel_run(run.pk, attempt=1, now=LATER)
    assert stage_of(run) is Stage.CANCELLED


def test_cancels_a_run_that_is_taken_up_again():
    run = cast.run_at_work(cast.base())
    request_cancel(run.pk, by=None, now=LATER)
    assert take(run) is None
    assert stage_of(run) is Stage.CANCELLED


def test_names_the_last_run_of_each_task_at_each_base():
    base = cast.base()
    task = cast.task(base)
    finish(cast.run_at_work(base, task=task))
    newest = queries.newest_of([(task.pk, base.pk)])[(task.pk, base.pk)]

    def named(next_due_at):
        return queries.last_run_status(newest, next_due_at=next_due_at, now=LATER, buffer_minutes=60)

    assert named(LATER + timedelta(days=1)) is LastRunStatus.NOTHING_CHANGED
    assert named(LATER - timedelta(minutes=1)) is LastRunStatus.PENDING
    assert named(LATER - timedelta(hours=2)) is LastRunStatus.MISSED


def test_narrows_the_task_log():
    base, other = cast.base(), cast.base("Marsh Lane")
    finish(cast.run_at_work(base, task=cast.task(base)))
    finish(cast.run_at_work(other))

    def bases(**filters):
        return {entry.base.name for entry in task_log(EVERYTHING, LogFilters(**filters))}

    assert bases() == {"Ashgrove Primary", "Marsh Lane"}
    assert bases(task="nightly") == {"Ashgrove Primary"}
    assert bases(data_type="snapshot") == {"Marsh Lane"}
    assert bases(status="failed") == set()
    assert bases(text="marsh") == {"Marsh Lane"}
    assert bases(base_id=base.pk, from_on=cast.TODAY, until_on=cast.TODAY + timedelta(days=1)) == {base.name}
    assert bases(until_on=cast.TODAY) == set()
    assert bases(cohort="All") == {"Ashgrove Primary", "Marsh Lane"}


def test_shows_runs_to_those_who_may_see_them():
    run = finish(cast.run_at_work(cast.base()))
    assert access.run_for(cast.officer(), run.pk) == run
    assert access.log_count_for(cast.officer(), LogFilters()).count == 1
    assert access.log_count_for(cast.reader(), LogFilters()).count == 0
    with pytest.raises(Http404):
        access.run_for(cast.stranger(), run.pk)
