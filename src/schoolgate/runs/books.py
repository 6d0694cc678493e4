"""Keeps the books of a run: accounts that balance, exceptions, and its rows in the task log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from schoolgate.runs.models import Account, Run, RunException, TaskLogEntry
from schoolgate.runs.rules import Problem, Terms, unbalanced
from schoolgate.runs.states import LogStatus
from schoolgate.tasks.cohorts import cohort_from

BATCH = 1000


class UnbalancedBooksError(Exception):
    """A block went missing or was counted twice: the landing must not commit. It is a bug, loudly."""

    def __init__(self, accounts: Mapping[str, Terms], groups: Sequence[str]) -> None:
        terms = "; ".join(
            f"{group}: received {accounts[group].received}, accounted for {accounts[group].accounted_for}"
            for group in groups
        )
        super().__init__(f"the books do not balance: {terms}")
        self.groups = tuple(groups)


def write_accounts(run: Run, accounts: Mapping[str, Terms]) -> None:
    """Writes one row a data group; raises UnbalancedBooksError, so that the transaction rolls back."""
    wrong = unbalanced(accounts)
    if wrong:
        raise UnbalancedBooksError(accounts, wrong)
    Account.objects.filter(run=run).delete()
    Account.objects.bulk_create(
        [Account(run=run, group=group, **msgspec.structs.asdict(terms)) for group, terms in accounts.items()]
    )


def write_exceptions(run: Run, problems: Sequence[Problem]) -> None:
    """Adds the run's exceptions to those kept already."""
    RunException.objects.bulk_create(
        [
            RunException(run=run, base_id=run.base_id, **msgspec.structs.asdict(problem))
            for problem in problems
        ],
        batch_size=BATCH,
    )


def write_log(run: Run, *, status: LogStatus, details: str, now: datetime) -> None:
    """Writes the run's rows of the task log: one a file, or a single one when it made none."""
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
                cohort=cohort_from(run.nc_years, run.filters).words,
                logged_at=now,
                status=status.value,
                exception_details=details,
            )
            for file_id, name in files or [(None, "")]
        ]
    )
