"""The only way a page gets a run, what a run did, how bases stand or the task log for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right
from schoolgate.accounts.scopes import scope_of
from schoolgate.audit.models import RecordChange
from schoolgate.audit.queries import changes_of_run
from schoolgate.runs import left_out, queries, standing, task_log
from schoolgate.runs.behind import Behind, behind, told_of
from schoolgate.runs.clocks import ClockDifference, clock_differences
from schoolgate.runs.intake import rows_from
from schoolgate.runs.left_out import LeftOut
from schoolgate.runs.models import Run, RunException, RunItem, TaskLogEntry
from schoolgate.runs.queries import Freshness
from schoolgate.runs.rules import RowTerms, Terms
from schoolgate.runs.standing import Outcome, Standing
from schoolgate.runs.task_log import LogCount, LogFilters, LogPage

__all__ = [
    "Run",
    "RunException",
    "RunItem",
    "TaskLogEntry",
    "accounts_for",
    "behind_for",
    "changes_for",
    "clock_differences_for",
    "cohorts_in_log_for",
    "exceptions_for",
    "failures_for",
    "freshness_for",
    "items_for",
    "items_of_pupil_for",
    "last_runs_for",
    "left_out_for",
    "log_count_for",
    "log_csv_for",
    "log_page_for",
    "newest_for",
    "outcomes_by_day_for",
    "pages_of_last_for",
    "row_accounts_for",
    "run_for",
    "runs_behind_for",
    "runs_for",
    "standing_for",
    "told_of_for",
    "unnamed_for",
]


NO_RUN = 0


def runs_for(user: Person) -> QuerySet[Run]:
    """The runs this person may see."""
    return queries.seen(scope_of(user, Right.RUNS_VIEW))


def run_for(user: Person, run_id: int) -> Run:
    """One run this person may see; anything else is not found."""
    found = runs_for(user).filter(pk=run_id).first()
    if found is None:
        raise Http404
    return found


def accounts_for(user: Person, run: Run) -> dict[str, Terms]:
    """The books of a run by data group."""
    return queries.accounts_of(run.pk) if _may_see(user, run) else {}


def row_accounts_for(user: Person, run: Run) -> dict[str, RowTerms]:
    """The books of the rows a run read, by domain of its source; empty where it counted none."""
    return rows_from(run.rows) if _may_see(user, run) else {}


def clock_differences_for(user: Person) -> list[ClockDifference]:
    """The bases whose source's clock is more than a little from ours."""
    return clock_differences(scope_of(user, Right.RUNS_VIEW))


def exceptions_for(user: Person, run: Run) -> QuerySet[RunException]:
    """What a run could not land, held back or left out, in the order it was met."""
    found = queries.exceptions_of(run.pk)
    return found if _may_see(user, run) else found.none()


def behind_for(user: Person, run: Run, term: str, *, group: str = "") -> Behind:
    """The blocks behind a number of a run's account, of one data group or of all."""
    return behind(run.pk if _may_see(user, run) else NO_RUN, term, group=group)


def told_of_for(
    user: Person, run: Run, term: str, *, external_ids: Collection[str]
) -> QuerySet[RunException]:
    """What a run told of one term of its account about some pupils, in the order it was met."""
    found = told_of(run.pk, term).filter(external_id__in=external_ids)
    return found if _may_see(user, run) else found.none()


def items_for(user: Person, run: Run) -> QuerySet[RunItem]:
    """What became of single items of a run, where a block's fate isn't enough, in the order it was met."""
    found = queries.items_of(run.pk)
    return found if _may_see(user, run) else found.none()


def items_of_pupil_for(user: Person, pupil_id: int, run_ids: Iterable[int | None]) -> QuerySet[RunItem]:
    """What became of single items of a pupil in some runs, for somebody who reads the register."""
    wanted = {run_id for run_id in run_ids if run_id is not None}
    return queries.items_of_pupil(scope_of(user, Right.PUPILS_VIEW), pupil_id, wanted)


def changes_for(user: Person, run: Run) -> QuerySet[RecordChange]:
    """What a run changed, pupil by pupil."""
    found = changes_of_run(run.pk)
    return found if _may_see(user, run) else found.none()


def left_out_for(user: Person, run: Run, *, group: str = "") -> tuple[list[LeftOut], Run]:
    """Whom a filter left out of a run, and the run that found it out; of one data group or all."""
    return left_out.left_out_of(run, group=group) if _may_see(user, run) else ([], run)


def unnamed_for(user: Person, run: Run, *, group: str = "") -> dict[str, int]:
    """How many blocks the maker of a run's messages left out without naming the pupils, by data group."""
    return left_out.unnamed_in(run, group=group) if _may_see(user, run) else {}


def pages_of_last_for(user: Person, run: Run) -> int | None:
    """How many pages the last run of this kind at the base read."""
    return queries.pages_of_last(run) if _may_see(user, run) else None


def _may_see(user: Person, run: Run) -> bool:
    return scope_of(user, Right.RUNS_VIEW).may_see(run.base_id)


def runs_behind_for(user: Person, run_ids: Iterable[int | None]) -> dict[int, Run]:
    """The runs that values of the register came from, in one query, for somebody who reads it."""
    wanted = {run_id for run_id in run_ids if run_id is not None}
    found = queries.seen(scope_of(user, Right.PUPILS_VIEW)).select_related(None).filter(pk__in=wanted)
    return {run.pk: run for run in found.defer("cohort", "exception_detail")}


def newest_for(user: Person, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Run]:
    """The newest run of each of these tasks and bases, beside the task: by (task, base)."""
    scope = scope_of(user, Right.TASKS_VIEW)
    return queries.newest_of(pair for pair in pairs if scope.may_see(pair[1]))


def last_runs_for(user: Person, base_id: int) -> list[Run]:
    """The newest runs of a base, for everybody who may see the base."""
    return queries.last_runs(scope_of(user, Right.BASES_VIEW), base_id)


def freshness_for(user: Person, base_id: int) -> list[Freshness]:
    """When each data group of a base was last read, for everybody who may see the base."""
    return queries.freshness(scope_of(user, Right.BASES_VIEW), base_id)


def standing_for(
    user: Person, *, now: datetime, buffer: timedelta, base_ids: Collection[int] | None = None
) -> Standing:
    """How this person's active bases stand, or some of them."""
    return standing.standing(scope_of(user, Right.BASES_VIEW), now=now, buffer=buffer, base_ids=base_ids)


def outcomes_by_day_for(
    user: Person, base_ids: Collection[int], *, now: datetime, since: datetime, buffer: timedelta
) -> dict[tuple[int, date], Outcome]:
    """What came of the runs of some of this person's bases, by base and day."""
    scope = scope_of(user, Right.BASES_VIEW)
    return standing.outcomes_by_day(scope, base_ids, now=now, since=since, buffer=buffer)


def log_page_for(user: Person, filters: LogFilters, *, before: str = "", after: str = "") -> LogPage:
    """A page of the task log of this person's bases, narrowed."""
    return task_log.log_page(scope_of(user, Right.LOG_VIEW), filters, before=before, after=after)


def log_count_for(user: Person, filters: LogFilters) -> LogCount:
    """How many rows of the task log of this person's bases a filter leaves."""
    return task_log.log_count(scope_of(user, Right.LOG_VIEW), filters)


def log_csv_for(user: Person, filters: LogFilters) -> Iterator[str]:
    """The filtered task log of this person's bases as CSV, a piece at a time."""
    return task_log.log_csv(scope_of(user, Right.LOG_VIEW), filters)


def cohorts_in_log_for(user: Person) -> list[str]:
    """The cohorts that occur in the task log of this person's bases."""
    return task_log.cohorts_in_log(scope_of(user, Right.LOG_VIEW))


def failures_for(user: Person, run_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """What failed in some runs of the task log, in technical words, by run: one query."""
    found = queries.seen(scope_of(user, Right.LOG_VIEW)).select_related(None).filter(pk__in=run_ids)
    rows = found.exclude(exception_code="").values("id", "exception_code", "exception_detail")
    return {row["id"]: {"code": row["exception_code"], "detail": row["exception_detail"]} for row in rows}
