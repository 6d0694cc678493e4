"""Reads runs: what to count changes from, what waits, the run page, the task log, last-run statuses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import msgspec
from django.db import connection
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from schoolgate.accounts.scopes import Scope
from schoolgate.runs import rules
from schoolgate.runs.locking import LastSuccess
from schoolgate.runs.models import Account, Run, RunException, RunItem, Since
from schoolgate.runs.rules import Terms
from schoolgate.runs.states import ACTIVE, FINISHED, UNFINISHED, LastRunStatus, LogStatus, Stage
from schoolgate.tasks.cohorts import Cohort, cohort_from
from schoolgate.tasks.models import Membership
from schoolgate_message.data_types import DataType
from schoolgate_message.groups import ATTENDANCE, GROUPS


def _own_since(run: Run) -> Since | None:
    return Since.objects.filter(base_id=run.base_id, task_id=run.task_id, data_type=run.data_type).first()


def choose_since(run: Run, last: LastSuccess, *, now: datetime, reach: timedelta | None) -> rules.ReadFrom:
    """What this run would count changes from if it began to read now."""
    last_success_at = last.since_at
    if last.is_historic_send_left_out and not cohort_of(run).is_historic_send_left_out:
        # What was left out until now has not changed, and would never come: everything is read anew.
        last_success_at = None
    return rules.since(
        data_type=run.data_type,
        last_success_at=last_success_at,
        moved_at=run.base.moved_to_sims_primary_at,
        reach=reach,
        now=now,
    )


def confirmed_at(run: Run) -> datetime | None:
    """When everybody at the run's base was last read by a run that landed: what it did not bring stood."""
    whole = Run.objects.filter(
        base_id=run.base_id,
        stage=Stage.DONE.value,
        data_type__in=(DataType.SNAPSHOT.value, DataType.CHANGED_DATA.value),
        nc_years=[],
        filters={},
        read_started_at__isnull=False,
    )
    return whole.order_by("-id").values_list("read_started_at", flat=True).first()


def last_cohort(run: Run) -> frozenset[str] | None:
    """The external ids the last success of this task read, ``None`` at the first: for entrants."""
    last = _own_since(run)
    return None if last is None else frozenset(last.cohort)


def is_cancel_wanted(run_id: int) -> bool:
    """Whether somebody asked the run to stop."""
    return Run.objects.filter(pk=run_id, is_cancel_wanted=True).exists()


def next_waiting(base_id: int) -> int | None:
    """The run of the base that should go next now that none is active; back-offs keep their time."""
    waiting = Run.objects.filter(base_id=base_id, stage=Stage.WAITING.value, waits_until__isnull=True)
    taken_in_first = waiting.filter(intake__isnull=False).order_by("id").first()
    found = taken_in_first or waiting.order_by("-priority", "planned_at", "id").first()
    return None if found is None else found.pk


def seen(scope: Scope) -> QuerySet[Run]:
    """The runs of a scope, with their base and task."""
    return scope.narrow(Run.objects.select_related("base", "task"))


def unfinished(scope: Scope) -> QuerySet[Run]:
    """Everything due, waiting or at work, in the order it will go: the queue."""
    return seen(scope).filter(stage__in=UNFINISHED).order_by("-priority", "planned_at", "id")


def queue_counts(scope: Scope) -> dict[str, int]:
    """How many runs are due, waiting, collecting and landing."""
    unended = scope.narrow(Run.objects.filter(stage__in=UNFINISHED))
    found = {row["stage"]: row["runs"] for row in unended.values("stage").annotate(runs=Count("pk"))}
    return {stage: found.get(stage, 0) for stage in UNFINISHED}


def last_runs(scope: Scope, base_id: int, *, limit: int = 8) -> list[Run]:
    """The newest runs of a base, planned ones left out."""
    found = scope.narrow(Run.objects.filter(base_id=base_id)).exclude(stage=Stage.DUE.value)
    return list(found.order_by("-id")[:limit])


class Freshness(msgspec.Struct, frozen=True, kw_only=True):
    """When a data group of a base was last read, and what became of it."""

    group: str
    run_id: int | None = None
    read_at: datetime | None = None
    received: int = 0
    written: int = 0


def freshness(scope: Scope, base_id: int, *, look_back: int = 60) -> list[Freshness]:
    """Every data group with the newest run that carried it, among the base's last ``look_back`` runs."""
    recent = scope.narrow(Run.objects.filter(base_id=base_id, stage=Stage.DONE.value)).order_by("-id")
    ids = list(recent.values_list("id", flat=True)[:look_back])
    newest = Window(RowNumber(), partition_by=F("group"), order_by=F("run_id").desc())
    carried = Account.objects.filter(run_id__in=ids, received__gt=0).annotate(place=newest)
    by_group = {account.group: account for account in carried.filter(place=1).select_related("run")}
    names = [group.name for group in GROUPS] + [ATTENDANCE]
    return [_freshness(name, by_group.get(name)) for name in names]


def _freshness(name: str, account: Account | None) -> Freshness:
    if account is None:
        return Freshness(group=name)
    return Freshness(
        group=name,
        run_id=account.run_id,
        read_at=account.run.finished_at,
        received=account.received,
        written=account.written,
    )


def told(scope: Scope, *, kinds: Collection[str]) -> QuerySet[RunException]:
    """What the runs of a scope told of some kinds, newest first, with run and base; mended since or not."""
    found = scope.narrow(RunException.objects.select_related("run__base").defer("run__cohort"))
    return found.filter(kind__in=kinds).order_by("-id")


def pages_of_last(run: Run) -> int | None:
    """How many pages the last run of this kind at the base read; the source tells none beforehand."""
    last = Run.objects.filter(base_id=run.base_id, data_type=run.data_type, stage=Stage.DONE.value)
    pages = last.order_by("-id").values_list("progress__pages", flat=True).first()
    return int(pages) if pages else None


def accounts_of(run_id: int) -> dict[str, Terms]:
    """The books of a run by data group."""
    return {
        account.group: Terms(**{name: getattr(account, name) for name in Terms.__struct_fields__})
        for account in Account.objects.filter(run_id=run_id).order_by("id")
    }


def exceptions_of(run_id: int, *, kind: str = "") -> QuerySet[RunException]:
    """A run's exceptions, of one kind or all, in the order they were met; the caller pages."""
    found = RunException.objects.filter(run_id=run_id).order_by("id")
    return found.filter(kind=kind) if kind else found


def items_of(run_id: int) -> QuerySet[RunItem]:
    """What became of single items of a run, where a block's fate isn't enough, as met; the caller pages."""
    return RunItem.objects.filter(run_id=run_id).order_by("id")


def items_of_pupil(scope: Scope, pupil_id: int, run_ids: Collection[int]) -> QuerySet[RunItem]:
    """What became of single items of a pupil in some runs of a scope, as met."""
    found = RunItem.objects.filter(run_id__in=run_ids, pupil_id=pupil_id).order_by("id")
    return scope.narrow(found, "run__base_id")


def cohort_of(run: Run) -> Cohort:
    """Whose data the run is about."""
    return cohort_from(run.nc_years, run.filters)


_NEWEST_OF = """
SELECT newest.id FROM unnest(%s::bigint[], %s::bigint[]) AS pair (task_id, base_id)
CROSS JOIN LATERAL (
    SELECT run.id FROM run WHERE run.task_id = pair.task_id AND run.base_id = pair.base_id
    ORDER BY run.id DESC LIMIT 1
) AS newest
"""
"""One step down the index run_task for every pair, however many runs there have been."""


def newest_of(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Run]:
    """The newest run of each of these tasks and bases, by (task, base)."""
    asked = list(pairs)
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_OF, [[task_id for task_id, _ in asked], [base_id for _, base_id in asked]])
        ids = [row[0] for row in cursor.fetchall()]
    found = Run.objects.filter(pk__in=ids).defer("cohort", "exception_detail")
    return {(run.task_id, run.base_id): run for run in found if run.task_id is not None}


def by_last_run(rows: QuerySet[Membership], last: str) -> QuerySet[Membership]:
    """Those of some places of tasks whose newest run came out so, or that have none (``never``).

    One step down an index for each row.
    """
    newest = Run.objects.filter(task_id=OuterRef("task_id"), base_id=OuterRef("base_id")).order_by("-id")
    rows = rows.annotate(
        last_stage=Subquery(newest.values("stage")[:1]), last_status=Subquery(newest.values("status")[:1])
    )
    if last == "never":
        return rows.filter(last_stage__isnull=True)
    if last == "running":
        return rows.filter(last_stage__in=ACTIVE)
    if last == LogStatus.FAILED.value:
        return rows.filter(last_stage=Stage.FAILED.value)
    return rows.filter(last_stage=Stage.DONE.value, last_status=last)


def last_run_status(
    run: Run | None, *, next_due_at: datetime | None, now: datetime, buffer_minutes: int
) -> LastRunStatus | None:
    """How a task's last run at a base is called; ``next_due_at`` tells of one nobody planned in time."""
    buffer = timedelta(minutes=buffer_minutes)
    if next_due_at is not None and next_due_at <= now and (run is None or run.stage in FINISHED):
        return rules.last_run_status(stage=None, status="", due_at=next_due_at, now=now, buffer=buffer)
    if run is None:
        return None
    return rules.last_run_status(
        stage=Stage(run.stage), status=run.status, due_at=run.planned_at, now=now, buffer=buffer
    )
