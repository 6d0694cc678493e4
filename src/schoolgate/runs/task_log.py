"""Reads the task log, newest first, so that five million rows stay as quick as five thousand.

Pages are found by where the one before ended (a keyset), never by counting rows off; every filter has an
index that ends in the log's order; words are first looked up among the few bases and task names there are,
and only then among the rows. Counts are exact up to a bound and estimated beyond it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

import msgspec
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from schoolgate.accounts.scopes import Scope
from schoolgate.bases.models import Base
from schoolgate.lib.clock import LONDON
from schoolgate.runs.models import TaskLogEntry
from schoolgate.runs.states import LogStatus
from schoolgate_message.data_types import DataType

COUNTED_EXACTLY = 10_000
PAGE = 50
CHUNK = 2_000
NO_EXCEPTIONS = "No Exceptions"
_DISTINCT = (Path(__file__).parent / "sql" / "distinct_in_log.sql").read_text(encoding="utf-8")
_FILE_NAME = re.compile(r"\d{7}_")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class LogFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What the task log is narrowed to; empty means all. ``until_on`` is half-open.

    ``base`` is part of a base's name, or its number; ``base_id`` is one base.
    """

    task: str = ""
    task_id: int | None = None
    cohort: str = ""
    data_type: str = ""
    status: str = ""
    base_id: int | None = None
    base: str = ""
    from_on: date | None = None
    until_on: date | None = None
    text: str = ""


class LogCount(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows there are; an estimate says that it is one."""

    count: int
    is_estimate: bool = False


class LogPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page, newest first. ``older`` and ``newer`` are where the next pages begin; empty = none."""

    rows: tuple[TaskLogEntry, ...]
    older: str = ""
    newer: str = ""


def task_log(scope: Scope, filters: LogFilters) -> QuerySet[TaskLogEntry]:
    """The task log of a scope, newest first, narrowed; rows come with their base."""
    found = TaskLogEntry.objects.select_related("base").order_by("-logged_at", "-id")
    found = scope.narrow(found)
    exact = {
        "base_id": filters.base_id,
        "task_id": filters.task_id,
        "data_type": filters.data_type,
        "status": filters.status,
        "cohort": filters.cohort,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if filters.base:
        found = found.filter(base_id__in=_bases_with(filters.base))
    if filters.task:
        found = found.filter(task_name__in=_task_names_with(filters.task))
    if filters.from_on is not None:
        found = found.filter(logged_at__gte=_midnight(filters.from_on))
    if filters.until_on is not None:
        found = found.filter(logged_at__lt=_midnight(filters.until_on))
    for word in filters.text.split():
        found = found.filter(_mentions(word))
    return found


def _mentions(word: str) -> Q:
    """A word in the base's name or number, the task's name, the file's name or the exception details.

    What can only be a file's name is looked for among those, along their index, and nowhere else.
    """
    if _FILE_NAME.match(word):
        return Q(file_name__startswith=word)
    return (
        Q(base_id__in=_bases_with(word))
        | Q(task_name__in=_task_names_with(word))
        | (Q(exception_details__gt="") & Q(exception_details__icontains=word))
    )


def _bases_with(text: str) -> list[int]:
    """Ids of the bases with this in their name, or with this number; found before the log is read."""
    found = Base.objects.filter(
        Q(name__icontains=text) | Q(dfe_number=text.replace("/", "").replace(" ", ""))
    )
    return list(found.values_list("pk", flat=True))


def _task_names_with(text: str) -> list[str]:
    return [name for name in _distinct("task_name") if text.casefold() in name.casefold()]


def cohorts_in_log(scope: Scope) -> list[str]:
    """The cohorts that occur in the task log of a scope, for its filter."""
    if not scope.is_limited:
        return _distinct("cohort")
    found = scope.narrow(TaskLogEntry.objects.order_by("cohort"))
    return list(found.values_list("cohort", flat=True).distinct())


def _distinct(column: str) -> list[str]:
    """The values of an indexed column, found by hopping from one to the next."""
    with connection.cursor() as cursor:
        cursor.execute(_DISTINCT.replace("column_name", connection.ops.quote_name(column)))
        return [value for (value,) in cursor.fetchall()]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)


def log_page(
    scope: Scope, filters: LogFilters, *, size: int = PAGE, before: str = "", after: str = ""
) -> LogPage:
    """A page of the log: the newest, the rows older than ``before``, or those newer than ``after``.

    Both are what an earlier page gave; one that can't be read gives the newest page.
    """
    found = task_log(scope, filters)
    edge = _read_edge(before or after)
    if edge is None:
        rows = list(found[: size + 1])
        return _page(rows[:size], has_older=len(rows) > size, has_newer=False)
    at, row_id = edge
    if before:
        rows = list(found.filter(logged_at__lte=at).exclude(logged_at=at, id__gte=row_id)[: size + 1])
        return _page(rows[:size], has_older=len(rows) > size, has_newer=True)
    newer = found.filter(logged_at__gte=at).exclude(logged_at=at, id__lte=row_id)
    rows = list(newer.order_by("logged_at", "id")[: size + 1])
    return _page(rows[:size][::-1], has_older=True, has_newer=len(rows) > size)


def _page(rows: list[TaskLogEntry], *, has_older: bool, has_newer: bool) -> LogPage:
    return LogPage(
        rows=tuple(rows),
        older=_edge(rows[-1]) if rows and has_older else "",
        newer=_edge(rows[0]) if rows and has_newer else "",
    )


def _edge(row: TaskLogEntry) -> str:
    return f"{row.logged_at.isoformat()}~{row.pk}"


def _read_edge(text: str) -> tuple[datetime, int] | None:
    at, _, row_id = text.replace(" ", "+").partition("~")
    try:
        instant = datetime.fromisoformat(at)
        return (instant, int(row_id)) if instant.tzinfo else None
    except ValueError:
        return None


def log_count(scope: Scope, filters: LogFilters) -> LogCount:
    """How many rows a filter leaves: counted up to ten thousand, beyond that as the database expects.

    One statement answers both: the first ten thousand rows are read under EXPLAIN, which tells how many
    there were and how many it had expected without the limit.
    """
    found = task_log(scope, filters).select_related(None).order_by().values("pk")[: COUNTED_EXACTLY + 1]
    try:
        str(found.query)
    except EmptyResultSet:  # a word that no base and no task's name has; there is nothing to ask
        return LogCount(count=0)
    [told] = json.loads(found.explain(format="json", analyze=True, timing=False, summary=False))
    limit = told["Plan"]
    exact = int(limit["Actual Rows"])
    if exact <= COUNTED_EXACTLY:
        return LogCount(count=exact)
    return LogCount(count=max(int(limit["Plans"][0]["Plan Rows"]), exact), is_estimate=True)


CSV_COLUMNS = (
    "DfE Number", "Base Name", "File Name", "Scheduled Task Name", "Data Type", "Cohort", "Date Logged",
    "Status", "Exception Details",
)  # fmt: skip


def log_csv(scope: Scope, filters: LogFilters) -> Iterator[str]:
    """The whole filtered log as CSV text, a piece at a time; memory stays flat whatever its length."""
    yield "\ufeff" + _csv([CSV_COLUMNS])
    edge = ""
    while True:
        page = log_page(scope, filters, size=CHUNK, before=edge)
        rows = iter(page.rows)
        while piece := list(islice(rows, CHUNK)):
            yield _csv(_cells(row) for row in piece)
        edge = page.older
        if not edge:
            return


def _csv(rows: object) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


def _cells(row: TaskLogEntry) -> tuple[str, ...]:
    cells = (
        row.base.dfe_number,
        row.base.name,
        row.file_name,
        row.task_name,
        _label(DataType, row.data_type),
        row.cohort or "All",
        row.logged_at.astimezone(LONDON).strftime("%d/%m/%Y %H:%M:%S"),
        _label(LogStatus, row.status),
        row.exception_details or NO_EXCEPTIONS,
    )
    # A cell that a spreadsheet would take for a formula is marked as text.
    return tuple(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)


def _label(kind: type[DataType | LogStatus], value: str) -> str:
    return next((each.label for each in kind if each.value == value), value)
