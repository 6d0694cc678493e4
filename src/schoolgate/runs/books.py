"""Keeps the books of a run: accounts that balance, exceptions, and its rows in the task log.

A run that ends well is closed in one statement, since most runs find nothing new and are little else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from django.db import connection

from schoolgate.runs.models import Run, RunException, RunItem, TaskLogEntry
from schoolgate.runs.rules import ItemFate, Problem, RowTerms, Terms, unbalanced
from schoolgate.runs.states import LogStatus, Stage, stages_before
from schoolgate.tasks.cohorts import cohort_from

BATCH = 1000
_CLOSE = (Path(__file__).parent / "sql" / "close_books.sql").read_text(encoding="utf-8")


class UnbalancedBooksError(Exception):
    """A block went missing or was counted twice: the landing must not commit. It is a bug, loudly."""

    def __init__(self, accounts: Mapping[str, Terms] | Mapping[str, RowTerms], groups: Sequence[str]) -> None:
        terms = "; ".join(
            f"{group}: received {accounts[group].received}, accounted for {accounts[group].accounted_for}"
            for group in groups
        )
        super().__init__(f"the books do not balance: {terms}")
        self.groups = tuple(groups)


def check_rows(rows: Mapping[str, RowTerms]) -> None:
    """Raises UnbalancedBooksError where a row that came became nothing that is counted."""
    wrong = unbalanced(rows)
    if wrong:
        raise UnbalancedBooksError(rows, wrong)


def check_balance(accounts: Mapping[str, Terms]) -> None:
    """Raises UnbalancedBooksError, so that the transaction rolls back."""
    wrong = unbalanced(accounts)
    if wrong:
        raise UnbalancedBooksError(accounts, wrong)


def close_books(
    run: Run, accounts: Mapping[str, Terms], *, is_vouched: bool, details: str, now: datetime
) -> bool:
    """Writes the end of a run: its row, an account a data group, what the next counts from, the task log.

    The books must be in balance. What the next counts from stays where it was unless the source vouched for
    every list (``is_vouched``). Answers whether the run still belonged to this attempt; if not, nothing
    was written.
    """
    files = [{"id": file_id, "name": name} for file_id, name in run.noted_files] or [{"id": None, "name": ""}]
    booked = [{"group": group, **msgspec.structs.asdict(terms)} for group, terms in accounts.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            _CLOSE,
            {
                "run_id": run.pk,
                "attempt": run.attempt,
                "stages_before": stages_before(Stage.DONE),
                "status": run.status,
                "now": now,
                "pupils_read": run.pupils_read,
                "pupils_declared": run.pupils_declared,
                "is_complete_read": run.is_complete_read,
                "rows": None if run.rows is None else msgspec.json.encode(run.rows).decode(),
                "accounts": msgspec.json.encode(booked).decode(),
                "since_at": _counted_from(run) if is_vouched else None,
                "clock_offset": run.clock_offset,
                "cohort": run.cohort,
                "is_historic_send_left_out": bool(run.filters.get("is_historic_send_left_out")),
                "cohort_words": _cohort_words(run),
                "details": details,
                "files": msgspec.json.encode(files).decode(),
            },
        )
        return cursor.fetchone() is not None


def _counted_from(run: Run) -> datetime | None:
    """What the next run counts from: when this one began to read, by whichever clock is behind.

    Should a clock be set right before the next run, nothing that changed meanwhile slips through.
    """
    if run.read_started_at is None:
        return None
    return run.read_started_at + timedelta(seconds=min(run.clock_offset or 0.0, 0.0))


def write_exceptions(run: Run, problems: Sequence[Problem]) -> None:
    """Adds the run's exceptions to those kept already."""
    RunException.objects.bulk_create(
        [
            RunException(run=run, base_id=run.base_id, **msgspec.structs.asdict(problem))
            for problem in problems
        ],
        batch_size=BATCH,
    )


def write_items(run: Run, items: Sequence[ItemFate]) -> None:
    """Keeps what became of single items, where a block's own fate isn't enough."""
    RunItem.objects.bulk_create(
        [RunItem(run=run, **msgspec.structs.asdict(each)) for each in items], batch_size=BATCH
    )


def write_log(run: Run, *, status: LogStatus, details: str, now: datetime) -> None:
    """Writes the rows of the task log of a run that failed: one a file, or a single one when it made none."""
    files: list[tuple[int | None, str]] = [(file_id, name) for file_id, name in run.noted_files] or [
        (None, "")
    ]
    TaskLogEntry.objects.bulk_create(
        [
            TaskLogEntry(
                base_id=run.base_id,
                run=run,
                file_id=file_id,
                file_name=name,
                task_id=run.task_id,
                task_name=run.task_name,
                data_type=run.data_type,
                cohort=_cohort_words(run),
                logged_at=now,
                status=status.value,
                exception_details=details,
            )
            for file_id, name in files or [(None, "")]
        ]
    )


def _cohort_words(run: Run) -> str:
    return cohort_from(run.nc_years, run.filters).words
