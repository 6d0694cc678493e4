"""Plans runs, takes them up, keeps their progress, and ends them. The run's row is the truth.

Every write after :func:`take_up` carries the attempt it belongs to: a worker thought dead that comes
back finds the attempt counted up and is turned away (:class:`StaleAttemptError`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, connection, transaction

from schoolgate.audit.actions import record_event
from schoolgate.runs.books import write_accounts, write_exceptions, write_log
from schoolgate.runs.models import Run, Since
from schoolgate.runs.queries import choose_since
from schoolgate.runs.rules import Problem, Terms, back_off, exception_details, gap, left_over, log_status
from schoolgate.runs.states import ACTIVE, FINISHED, LogStatus, Origin, Stage, may_follow
from schoolgate.tasks.cohorts import Cohort
from schoolgate.tasks.models import ScheduledTask
from schoolgate.tasks.queries import cohort_of

ANOTHER_RUN = "another run of this base"
LONGEST_SENTENCE = 500
LANDING_LOCK = 0x5347_0002 << 32
"""PostgreSQL's advisory lock of a run that is being landed: this and the run's id."""
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


@transaction.atomic
def take_up(run_id: int, *, stage: Stage, worker: str, now: datetime) -> Run | None:
    """Starts a stage of a run, or resumes it after a crash or a back-off: the attempt counts up.

    ``None`` means there is nothing to do: the run is finished, was cancelled now because somebody
    wished so, is past this stage, or waits because another run of its base is active.
    """
    if stage is Stage.LANDING:
        _await_landing(run_id)
    run = _locked(run_id)
    standing = Stage(run.stage)
    if run.stage in FINISHED or (stage is Stage.COLLECTING and standing is Stage.LANDING):
        return None
    if run.is_cancel_wanted:
        _cancel(run, now=now)
        return None
    if not may_follow(standing, stage):
        return None
    if _is_base_busy(run) or not _enter(run, stage):
        _wait(run, waits_for=ANOTHER_RUN, until=None)
        return None
    run.attempt += 1
    run.worker = worker
    run.waits_for = ""
    run.waits_until = None
    run.started_at = run.started_at or now
    if stage is Stage.COLLECTING:
        _settle_since(run, now=now)
    run.save()
    return run


def _is_base_busy(run: Run) -> bool:
    """Whether another run is active, or has collected and waits to land.

    What was collected first must land first, or older values would be written over newer ones.
    """
    others = Run.objects.filter(base_id=run.base_id).exclude(pk=run.pk)
    if others.filter(stage__in=ACTIVE).exists():
        return True
    collected = others.filter(stage=Stage.WAITING.value, progress__has_key="sifted")
    if "sifted" in run.progress:
        collected = collected.filter(pk__lt=run.pk)
    return collected.exists()


def _enter(run: Run, stage: Stage) -> bool:
    """Moves the run on, unless another run of the base does so at this very moment."""
    try:
        with transaction.atomic():
            Run.objects.filter(pk=run.pk).update(stage=stage.value)
    except IntegrityError:
        return False
    run.stage = stage.value
    return True


def _wait(run: Run, *, waits_for: str, until: datetime | None) -> None:
    run.stage = Stage.WAITING.value
    run.waits_for = waits_for
    run.waits_until = until
    run.save(update_fields=["stage", "waits_for", "waits_until", "retries"])


def _settle_since(run: Run, *, now: datetime) -> None:
    """Fixes what "changed" is counted from, once, so that a resumed read goes on with the same question.

    Where another run of the base has read since this one began, what this one had read is out of date:
    its read starts over (pages read before ``read_started_at`` no longer count).
    """
    began = run.read_started_at
    others = Run.objects.filter(base_id=run.base_id).exclude(pk=run.pk)
    if began is not None and not others.filter(read_started_at__gt=began).exists():
        return
    chosen = choose_since(run, now=now)
    run.since_at = chosen.since_at
    run.read_started_at = now
    run.progress = {}
    if chosen.lost_from is not None:
        run.progress = {"lost_from": chosen.lost_from.isoformat()}


def _locked(run_id: int) -> Run:
    """The run, for a change. What only refers to it, as every row of a landing does, goes on meanwhile."""
    return Run.objects.select_for_update(no_key=True).get(pk=run_id)


def _own(run_id: int, attempt: int) -> Run:
    """The run, locked, for the attempt that owns it."""
    run = _locked(run_id)
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
    _await_landing(run_id)
    check_wanted(run_id, attempt=attempt)


def check_wanted(run_id: int, *, attempt: int) -> None:
    """A landing's checkpoint. Raises CancelWantedError, or StaleAttemptError for an attempt passed over."""
    newest, stage, is_cancel_wanted = Run.objects.values_list("attempt", "stage", "is_cancel_wanted").get(
        pk=run_id
    )
    _check_newest(run_id, attempt, newest=newest, stage=stage)
    if is_cancel_wanted:
        raise CancelWantedError(f"run {run_id} is no longer wanted")


def _await_landing(run_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LANDING_LOCK + run_id])


@transaction.atomic
def save_progress(run_id: int, *, attempt: int, progress: Mapping[str, Any]) -> None:
    """Adds to what is shown while the run works: pages, pupils, calls. Raises StaleAttemptError."""
    run = _own(run_id, attempt)
    run.progress = {**run.progress, **progress}
    run.save(update_fields=["progress"])


@transaction.atomic
def save_sifted(
    run_id: int,
    *,
    attempt: int,
    sifted: Mapping[str, Mapping[str, int]],
    pupils_read: int,
    pupils_declared: int | None,
    is_complete_read: bool,
    cohort: Sequence[str] = (),
    problems: Sequence[Problem] = (),
) -> None:
    """Keeps what collecting settled: counts by data group, the roll, the external ids that were read.

    ``problems`` are what collecting itself refused or held; they become exceptions when the run ends.
    """
    run = _own(run_id, attempt)
    run.progress = {
        **run.progress,
        "sifted": {group: dict(counts) for group, counts in sifted.items()},
        "problems": msgspec.to_builtins(problems),
    }
    run.pupils_read = pupils_read
    run.pupils_declared = pupils_declared
    run.is_complete_read = is_complete_read
    run.cohort = list(cohort)
    run.save(update_fields=["progress", "pupils_read", "pupils_declared", "is_complete_read", "cohort"])


@transaction.atomic
def note_file(run_id: int, *, file_id: int, name: str) -> None:
    """Remembers a file the run made, for its row in the task log."""
    run = _locked(run_id)
    run.noted_files = [*run.noted_files, [file_id, name]]
    run.save(update_fields=["noted_files"])


@transaction.atomic
def finish_run(
    run_id: int,
    *,
    attempt: int,
    accounts: Mapping[str, Terms],
    now: datetime,
    exceptions: Sequence[Problem] = (),
) -> Run:
    """Ends a run that landed, or found nothing to land: accounts, exceptions, since, task log.

    Call it in the transaction that lands. Raises UnbalancedBooksError when a block is unaccounted for,
    StaleAttemptError when another worker has the run; either must roll everything back.
    """
    run = _own(run_id, attempt)
    write_accounts(run, accounts)
    met_collecting = msgspec.convert(run.progress.pop("problems", []), list[Problem])
    run.progress.pop("beside_cohort", None)
    problems = [*met_collecting, *exceptions, *_gap_of(run)]
    write_exceptions(run, problems)
    problems = [each for each in problems if each.kind != LEFT_OUT]
    status = log_status(accounts.values(), has_files=bool(run.noted_files), has_problems=bool(problems))
    run.is_balanced = True
    _move_since(run)
    _end(
        run,
        stage=Stage.DONE,
        status=status,
        details=exception_details(problems) or left_over(accounts.values()),
        now=now,
    )
    return run


def _gap_of(run: Run) -> list[Problem]:
    lost_from = run.progress.get("lost_from")
    if lost_from is None or run.since_at is None:
        return []
    return [gap(datetime.fromisoformat(lost_from), run.since_at)]


def _move_since(run: Run) -> None:
    """The next run of this task counts from where this one began to read; an upload moves nothing."""
    is_task_gone = run.task_id is None and run.task_name != Origin(run.origin).label
    if run.read_started_at is None or is_task_gone:
        # Nothing was read, or the task was deleted meanwhile and its "since" with it.
        return
    Since.objects.update_or_create(
        base_id=run.base_id,
        task_id=run.task_id,
        data_type=run.data_type,
        defaults={
            "since_at": run.read_started_at,
            "run_id": run.pk,
            "cohort": run.cohort,
            "is_historic_send_left_out": bool(run.filters.get("is_historic_send_left_out")),
        },
    )


def _end(run: Run, *, stage: Stage, status: LogStatus, details: str, now: datetime) -> None:
    run.stage = stage.value
    run.status = status.value
    run.finished_at = now
    run.waits_for = ""
    run.waits_until = None
    run.cohort = []
    run.save()
    write_log(run, status=status, details=details, now=now)


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
    run = _locked(run_id) if attempt is None else _own(run_id, attempt)
    if run.stage in FINISHED:
        return
    run.exception_code = code
    run.exception_sentence = sentence[:LONGEST_SENTENCE]
    run.exception_remedy = remedy[:LONGEST_SENTENCE]
    run.exception_detail = detail
    write_exceptions(run, exceptions)
    words = exception_details([Problem(kind="run", code=code, sentence=sentence, remedy=remedy)])
    _end(run, stage=Stage.FAILED, status=LogStatus.FAILED, details=words, now=now)


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
    run = _locked(run_id)
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
