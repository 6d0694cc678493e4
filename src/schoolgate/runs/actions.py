"""Plans runs, takes them up, keeps their progress, and ends them. The run's row is the truth.

Every write after :func:`take_up` carries the attempt it belongs to: a worker thought dead that comes
back finds the attempt counted up and is turned away (:class:`StaleAttemptError`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import IntegrityError, connection, transaction

from schoolgate.audit.actions import record_event
from schoolgate.runs.books import check_balance, close_books, write_exceptions, write_log
from schoolgate.runs.landing_lock import hold_landing
from schoolgate.runs.locking import LastSuccess, locked, locked_with_base, was_read_since
from schoolgate.runs.models import Run
from schoolgate.runs.queries import choose_since
from schoolgate.runs.rules import (
    Problem,
    Sifted,
    Terms,
    back_off,
    exception_details,
    gap,
    left_over,
    log_status,
)
from schoolgate.runs.states import ACTIVE, FINISHED, LogStatus, Origin, Stage, may_follow
from schoolgate.tasks.cohorts import Cohort
from schoolgate.tasks.models import ScheduledTask
from schoolgate.tasks.queries import cohort_of

_SQL = Path(__file__).parent / "sql"
_TAKE_UP = (_SQL / "take_up.sql").read_text(encoding="utf-8")
_SAVE_PROGRESS = (_SQL / "save_progress.sql").read_text(encoding="utf-8")

ANOTHER_RUN = "another run of this base"
LONGEST_SENTENCE = 500
LEFT_OUT = "left out"
"""The kind of an exception that says what a filter left out: for information, nothing went wrong."""


class StaleAttemptError(Exception):
    """The run was taken up again since: whatever this attempt holds must be thrown away."""


class CancelWantedError(Exception):
    """Somebody asked the run to stop: whatever has not been committed must be thrown away."""


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
        "task_name": task.name if task is not None else origin.label,
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


def take_up(run_id: int, *, stage: Stage, worker: str, now: datetime) -> Run | None:
    """Starts a stage of a run, or resumes it after a crash or a back-off: the attempt counts up.

    ``None`` means there is nothing to do: the run is finished, was cancelled now because somebody
    wished so, is past this stage, or waits because another run of its base is active.
    """
    try:
        return _take_up(run_id, stage=stage, worker=worker, now=now)
    except IntegrityError:
        # Another run of the base was taken up at this very moment.
        return _take_up(run_id, stage=stage, worker=worker, now=now, must_wait=True)


@transaction.atomic
def _take_up(run_id: int, *, stage: Stage, worker: str, now: datetime, must_wait: bool = False) -> Run | None:
    if stage is Stage.LANDING:
        hold_landing(run_id)
    run, last = locked_with_base(run_id)
    standing = Stage(run.stage)
    if run.stage in FINISHED or (stage is Stage.COLLECTING and standing is Stage.LANDING):
        return None
    if run.is_cancel_wanted:
        _cancel(run, now=now)
        return None
    if not may_follow(standing, stage):
        return None
    if stage is Stage.COLLECTING and not must_wait:
        _settle_since(run, last, now=now)
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
                "worker": worker,
                "started_at": started_at,
                "since_at": run.since_at,
                "read_started_at": run.read_started_at,
                "progress": msgspec.json.encode(run.progress).decode(),
            },
        )
        if not cursor.rowcount:
            return False
    run.stage = stage.value
    run.attempt += 1
    run.worker = worker
    run.waits_for = ""
    run.waits_until = None
    run.started_at = started_at
    return True


def _wait(run: Run, *, waits_for: str, until: datetime | None) -> None:
    run.stage = Stage.WAITING.value
    run.waits_for = waits_for
    run.waits_until = until
    run.save(update_fields=["stage", "waits_for", "waits_until", "retries"])


def _settle_since(run: Run, last: LastSuccess, *, now: datetime) -> None:
    """Fixes what "changed" is counted from, once, so that a resumed read goes on with the same question.

    Where another run of the base has read since this one began, what this one had read is out of date:
    its read starts over (pages read before ``read_started_at`` no longer count).
    """
    if run.read_started_at is not None and not was_read_since(run):
        return
    chosen = choose_since(run, last, now=now)
    run.since_at = chosen.since_at
    run.read_started_at = now
    run.progress = {}
    if chosen.lost_from is not None:
        run.progress = {"lost_from": chosen.lost_from.isoformat()}


def _own(run_id: int, attempt: int) -> Run:
    """The run, locked, for the attempt that owns it."""
    run = locked(run_id)
    _check_newest(run_id, attempt, newest=run.attempt, stage=run.stage)
    return run


def _check_newest(run_id: int, attempt: int, *, newest: int, stage: str) -> None:
    if attempt != newest or stage not in ACTIVE:
        raise StaleAttemptError(f"run {run_id}: attempt {attempt} is no longer the newest")


def begin_landing(run_id: int, *, attempt: int) -> None:
    """Opens a transaction that lands: whoever takes the run up meanwhile waits until it is over.

    The run's row stays free, so that an officer can cancel the run, or delete its task, while it lands;
    ``check_wanted`` finds the wish. Raises StaleAttemptError.
    """
    hold_landing(run_id)
    check_wanted(run_id, attempt=attempt)


def check_wanted(run_id: int, *, attempt: int) -> None:
    """A landing's checkpoint. Raises CancelWantedError, or StaleAttemptError for an attempt passed over."""
    newest, stage, is_cancel_wanted = Run.objects.values_list("attempt", "stage", "is_cancel_wanted").get(
        pk=run_id
    )
    _check_newest(run_id, attempt, newest=newest, stage=stage)
    if is_cancel_wanted:
        raise CancelWantedError(f"run {run_id} is no longer wanted")


def save_progress(run_id: int, *, attempt: int, progress: Mapping[str, Any]) -> bool:
    """Adds to what is shown while the run works: pages, pupils, calls. Raises StaleAttemptError.

    Answers whether somebody asked the run to stop.
    """
    shown = msgspec.json.encode(progress).decode()
    with connection.cursor() as cursor:
        cursor.execute(_SAVE_PROGRESS, {"run_id": run_id, "attempt": attempt, "progress": shown})
        found = cursor.fetchone()
    if found is None:
        raise StaleAttemptError(f"run {run_id}: attempt {attempt} is no longer the newest")
    return bool(found[0])


@transaction.atomic
def save_sifted(run_id: int, *, attempt: int, sifted: Sifted) -> None:
    """Keeps what collecting settled of a run that has something to land."""
    run = _own(run_id, attempt)
    _take_in(run, sifted)
    run.progress["problems"] = msgspec.to_builtins(sifted.problems)
    run.save(update_fields=["progress", "pupils_read", "pupils_declared", "is_complete_read", "cohort"])


def _take_in(run: Run, sifted: Sifted) -> None:
    run.progress = {**run.progress, "sifted": msgspec.to_builtins(sifted.terms)}
    run.pupils_read = sifted.pupils_read
    run.pupils_declared = sifted.pupils_declared
    run.is_complete_read = sifted.is_complete_read
    run.cohort = list(sifted.cohort)


@transaction.atomic
def note_file(run_id: int, *, file_id: int, name: str) -> None:
    """Remembers a file the run made, for its row in the task log."""
    run = locked(run_id)
    run.noted_files = [*run.noted_files, [file_id, name]]
    run.save(update_fields=["noted_files"])


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
    run = _own(run_id, attempt)
    met_collecting = msgspec.convert(run.progress.pop("problems", []), list[Problem])
    run.progress.pop("beside_cohort", None)
    _finish(run, accounts, problems=[*met_collecting, *exceptions], progress=run.progress, now=now)
    return run


def finish_unchanged(run: Run, *, accounts: Mapping[str, Terms], sifted: Sifted, now: datetime) -> None:
    """Ends a run, as it was taken up, that found nothing to land. Like ``finish_run`` in all else."""
    _take_in(run, sifted)
    added = {"sifted": run.progress["sifted"]}
    _finish(run, accounts, problems=sifted.problems, progress=added, now=now)


def _finish(
    run: Run,
    accounts: Mapping[str, Terms],
    *,
    problems: Sequence[Problem],
    progress: Mapping[str, Any],
    now: datetime,
) -> None:
    check_balance(accounts)
    problems = [*problems, *_gap_of(run)]
    write_exceptions(run, problems)
    problems = [each for each in problems if each.kind != LEFT_OUT]
    status = log_status(accounts.values(), has_files=bool(run.noted_files), has_problems=bool(problems))
    run.is_balanced = True
    details = exception_details(problems) or left_over(accounts.values())
    _set_ended(run, stage=Stage.DONE, status=status, now=now)
    if not close_books(run, accounts, progress=progress, details=details, now=now):
        raise StaleAttemptError(f"run {run.pk}: attempt {run.attempt} is no longer the newest")
    run.cohort = []


def _gap_of(run: Run) -> list[Problem]:
    lost_from = run.progress.get("lost_from")
    if lost_from is None or run.since_at is None:
        return []
    return [gap(datetime.fromisoformat(lost_from), run.since_at)]


def _set_ended(run: Run, *, stage: Stage, status: LogStatus, now: datetime) -> None:
    run.stage = stage.value
    run.status = status.value
    run.finished_at = now
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
    run = locked(run_id) if attempt is None else _own(run_id, attempt)
    if run.stage in FINISHED:
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
    run_id: int, *, attempt: int, waits_for: str, now: datetime, until: datetime | None = None
) -> datetime:
    """Puts a run aside after a temporary fault; answers when to try again.

    ``until`` is what the source asked for; without it the wait doubles with every fault, up to an hour.
    The base is free for other runs meanwhile.
    """
    run = _own(run_id, attempt)
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
    if run.stage in FINISHED:
        return
    record_event("runs.run.cancelled", now=now, user_id=by, base_id=run.base_id, subject_id=run_id)
    run.is_cancel_wanted = True
    run.save(update_fields=["is_cancel_wanted"])
    if run.stage not in ACTIVE:
        _cancel(run, now=now)


@transaction.atomic
def cancel_run(run_id: int, *, attempt: int, now: datetime) -> None:
    """Ends a run at a checkpoint, by the worker that found it is no longer wanted."""
    _cancel(_own(run_id, attempt), now=now)


def _cancel(run: Run, *, now: datetime) -> None:
    run.stage = Stage.CANCELLED.value
    run.finished_at = now
    run.waits_for = ""
    run.waits_until = None
    run.save(update_fields=["stage", "finished_at", "waits_for", "waits_until"])
