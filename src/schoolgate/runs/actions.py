"""Plans runs, takes them up and ends them. The run's row is the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from django.db import IntegrityError, connection, transaction

from schoolgate.audit.actions import record_event
from schoolgate.runs.books import check_balance, close_books, write_exceptions, write_log
from schoolgate.runs.fence import own, stale
from schoolgate.runs.intake import Intake, Sifted, intake_from, kept_intake, kept_rows
from schoolgate.runs.landing_lock import hold_landing
from schoolgate.runs.locking import LastSuccess, locked, locked_with_base, was_read_since
from schoolgate.runs.models import Run
from schoolgate.runs.moving import move
from schoolgate.runs.queries import choose_since
from schoolgate.runs.reach import ReachOf, usual_reach
from schoolgate.runs.reasons import FOR_INFORMATION, OVERCOME, UNSURE
from schoolgate.runs.rules import (
    Problem,
    Terms,
    back_off,
    exception_details,
    gap,
    left_over,
    log_status,
)
from schoolgate.runs.states import (
    ACTIVE,
    FIRST,
    LogStatus,
    Origin,
    Stage,
    comes_with_files,
    may_follow,
    stages_before,
)
from schoolgate.tasks.cohorts import Cohort
from schoolgate.tasks.models import ScheduledTask
from schoolgate.tasks.queries import cohort_of

_TAKE_UP = (Path(__file__).parent / "sql" / "take_up.sql").read_text(encoding="utf-8")

ANOTHER_RUN = "another run of this base"
LONGEST_SENTENCE = 500


@transaction.atomic
def plan_run(
    *,
    base_id: int,
    origin: Origin,
    data_type: str,
    planned_at: datetime,
    task_id: int | None = None,
    nc_years: Sequence[str] = (),
    cohort: Cohort | None = None,
    priority: int = 0,
    requested_by: int | None = None,
    now: datetime,
) -> Run:
    """Plans a run, or answers the one that exists for this occurrence of the task at this base.

    The cohort is the task's unless another is given; ``nc_years`` is short for a cohort of years alone.
    """
    task = ScheduledTask.objects.get(pk=task_id) if task_id is not None else None
    if cohort is None:
        cohort = Cohort(nc_years=tuple(nc_years)) if nc_years or task is None else cohort_of(task)
    planned = {
        "intake": kept_intake(Intake()) if comes_with_files(origin) else None,
        "stage": FIRST.value,
        "task_name": task.name if task is not None else origin.label,
        "is_of_task": task is not None,
        "data_type": data_type,
        "nc_years": list(cohort.nc_years),
        "filters": cohort.filters(),
        "priority": priority,
        "requested_by": requested_by,
    }
    if task is None or origin is not Origin.TASK:
        run = Run.objects.create(
            base_id=base_id, task=task, origin=origin.value, planned_at=planned_at, **planned
        )
    else:
        run, is_new = Run.objects.get_or_create(
            base_id=base_id, task=task, origin=origin.value, planned_at=planned_at, defaults=planned
        )
        if not is_new:
            return run
    if requested_by is not None:
        record_event("runs.run.requested", now=now, user_id=requested_by, base_id=base_id, subject_id=run.pk)
    return run


def take_up(
    run_id: int, *, stage: Stage, worker: str, now: datetime, reach_of: ReachOf = usual_reach
) -> Run | None:
    """Starts a stage of a run, or resumes it after a crash or a back-off: the attempt counts up.

    ``reach_of`` tells how far back the run's source answers; it is asked where the run begins to read.

    ``None`` means there is nothing to do: the run is finished, was cancelled now because somebody
    wished so, is past this stage (what has taken something in is not collected again), or waits because
    another run of its base is active.
    """
    try:
        return _take_up(run_id, stage=stage, worker=worker, now=now, reach_of=reach_of)
    except IntegrityError:
        # Another run of the base was taken up at this very moment.
        return _take_up(run_id, stage=stage, worker=worker, now=now, reach_of=reach_of, must_wait=True)


@transaction.atomic
def _take_up(
    run_id: int, *, stage: Stage, worker: str, now: datetime, reach_of: ReachOf, must_wait: bool = False
) -> Run | None:
    if stage is Stage.LANDING:
        hold_landing(run_id)
    run, last = locked_with_base(run_id)
    standing = Stage(run.stage)
    if not may_follow(standing, stage) or (stage is Stage.COLLECTING and run.intake is not None):
        return None
    if run.is_cancel_wanted:
        _cancel(run, now=now)
        return None
    if stage is Stage.COLLECTING and not must_wait:
        _settle_since(run, last, now=now, reach_of=reach_of)
    if must_wait or not _enter(run, stage, worker=worker, now=now):
        _wait(run, waits_for=ANOTHER_RUN, until=None)
        return None
    return run


def _enter(run: Run, stage: Stage, *, worker: str, now: datetime) -> bool:
    """Moves the run on, unless the base is busy; answers whether it did.

    Raises IntegrityError when another run of the base moves on at this very moment.
    """
    started_at = run.started_at or now
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE_UP,
            {
                "run_id": run.pk,
                "stage": stage.value,
                "stages_before": stages_before(stage),
                "worker": worker,
                "started_at": started_at,
                "since_at": run.since_at,
                "read_started_at": run.read_started_at,
                "lost_from_at": run.lost_from_at,
                "met": msgspec.json.encode(run.met).decode(),
                "progress": msgspec.json.encode(run.progress).decode(),
            },
        )
        if not cursor.rowcount:
            return False
    move(run, stage)
    run.attempt += 1
    run.worker = worker
    run.waits_for = ""
    run.waits_until = None
    run.started_at = started_at
    return True


def _wait(run: Run, *, waits_for: str, until: datetime | None) -> None:
    move(run, Stage.WAITING)
    run.waits_for = waits_for
    run.waits_until = until
    run.save(update_fields=["stage", "waits_for", "waits_until", "retries", "met"])


def _settle_since(run: Run, last: LastSuccess, *, now: datetime, reach_of: ReachOf) -> None:
    """Fixes what "changed" is counted from, once, so that a resumed read goes on with the same question.

    Where another run of the base has read since this one began, what this one had read is out of date:
    its read starts over (pages read before ``read_started_at`` no longer count).
    """
    if run.read_started_at is not None and not was_read_since(run):
        return
    chosen = choose_since(run, last, now=now, reach=reach_of(run))
    run.since_at = chosen.since_at
    run.read_started_at = now
    run.lost_from_at = chosen.lost_from
    run.met = []
    run.progress = {}


def finish_run(
    run_id: int,
    *,
    attempt: int,
    accounts: Mapping[str, Terms],
    now: datetime,
    exceptions: Sequence[Problem] = (),
) -> Run:
    """Ends a run that landed: accounts, exceptions, since, task log.

    Call it in the transaction that lands. Raises UnbalancedBooksError when a block is unaccounted for,
    StaleAttemptError when another worker has the run; either must roll everything back.
    """
    run = own(run_id, attempt)
    intake = intake_from(run.intake) or Intake()
    _finish(run, accounts, problems=[*intake.problems, *exceptions], now=now)
    return run


def finish_unchanged(run: Run, *, sifted: Sifted, now: datetime) -> None:
    """Ends a run, as it was taken up, that found nothing to land. Like ``finish_run`` in all else."""
    run.pupils_read = sifted.pupils_read
    run.pupils_declared = sifted.pupils_declared
    run.is_complete_read = sifted.is_complete_read
    run.cohort = list(sifted.cohort)
    run.rows = kept_rows(sifted.rows)
    run.clock_offset = sifted.clock_offset
    _finish(run, sifted.terms, problems=sifted.problems, now=now)


def _finish(
    run: Run,
    accounts: Mapping[str, Terms],
    *,
    problems: Sequence[Problem],
    now: datetime,
) -> None:
    check_balance(accounts)
    problems = [*problems, *_gap_of(run)]
    write_exceptions(run, problems)
    is_vouched = not any(each.kind == UNSURE for each in problems)
    overcome = [each for each in problems if each.kind == OVERCOME]
    problems = [each for each in problems if each.kind not in FOR_INFORMATION]
    status = log_status(accounts.values(), has_files=bool(run.noted_files), has_problems=bool(problems))
    run.is_balanced = True
    details = exception_details(problems) or left_over(accounts.values()) or exception_details(overcome)
    _set_ended(run, stage=Stage.DONE, status=status, now=now)
    if not close_books(run, accounts, is_vouched=is_vouched, details=details, now=now):
        raise stale(run.pk, run.attempt)
    run.cohort = []


def _gap_of(run: Run) -> list[Problem]:
    if run.lost_from_at is None or run.since_at is None:
        return []
    return [gap(run.lost_from_at, run.since_at)]


def _set_ended(run: Run, *, stage: Stage, status: LogStatus, now: datetime) -> None:
    move(run, stage)
    run.status = status.value
    run.finished_at = now
    _settle_all(run)


def _settle_all(run: Run) -> None:
    """A run that has ended owes nothing and waits for nothing. Whom it read is kept with its since."""
    run.intake = None
    run.waits_for = ""
    run.waits_until = None


@transaction.atomic
def fail_run(
    run_id: int,
    *,
    attempt: int | None,
    code: str,
    sentence: str,
    remedy: str,
    detail: str = "",
    now: datetime,
    exceptions: Sequence[Problem] = (),
) -> None:
    """Ends a run that could not be carried out; since stays, so that the next run makes it good.

    ``attempt`` may be ``None`` for a run nobody works on. ``detail`` is technical: never a child's data.
    """
    run = locked(run_id) if attempt is None else own(run_id, attempt)
    if not may_follow(Stage(run.stage), Stage.FAILED):
        return
    run.exception_code = code
    run.exception_sentence = sentence[:LONGEST_SENTENCE]
    run.exception_remedy = remedy[:LONGEST_SENTENCE]
    run.exception_detail = detail
    write_exceptions(run, exceptions)
    words = exception_details([Problem(kind="run", code=code, sentence=sentence, remedy=remedy)])
    _set_ended(run, stage=Stage.FAILED, status=LogStatus.FAILED, now=now)
    run.cohort = []
    run.save()
    write_log(run, status=LogStatus.FAILED, details=words, now=now)


@transaction.atomic
def wait_for_retry(
    run_id: int,
    *,
    attempt: int,
    waits_for: str,
    now: datetime,
    until: datetime | None = None,
    met: Sequence[tuple[str, str]] | None = None,
) -> datetime:
    """Puts a run aside after a temporary fault; answers when to try again.

    ``until`` is what the source asked for; without it the wait doubles with every fault, up to an hour.
    ``met`` are the source problems of the run so far, as code and detail, where they are other than those
    kept. The base is free for other runs meanwhile.
    """
    run = own(run_id, attempt)
    if met is not None:
        run.met = [list(each) for each in met]
    again_at = until or now + back_off(run.retries)
    run.retries += 1
    _wait(run, waits_for=waits_for[:200], until=again_at)
    return again_at


@transaction.atomic
def request_cancel(run_id: int, *, by: int | None, now: datetime) -> None:
    """Asks a run to stop: at once when nobody works on it, else at its next checkpoint.

    Answers at once, too, while the run lands: the landing finds the wish at its next batch and undoes all.
    """
    run = locked(run_id)
    if not may_follow(Stage(run.stage), Stage.CANCELLED):
        return
    record_event("runs.run.cancelled", now=now, user_id=by, base_id=run.base_id, subject_id=run_id)
    run.is_cancel_wanted = True
    run.save(update_fields=["is_cancel_wanted"])
    if run.stage not in ACTIVE:
        _cancel(run, now=now)


@transaction.atomic
def cancel_run(run_id: int, *, attempt: int, now: datetime) -> None:
    """Ends a run at a checkpoint, by the worker that found it is no longer wanted."""
    _cancel(own(run_id, attempt), now=now)


def _cancel(run: Run, *, now: datetime) -> None:
    move(run, Stage.CANCELLED)
    run.finished_at = now
    _settle_all(run)
    run.cohort = []
    run.save(update_fields=["stage", "finished_at", "waits_for", "waits_until", "intake", "cohort"])
