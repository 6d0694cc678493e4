"""The only way a page gets a run or the task log for a person."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.runs.models import Run, TaskLogEntry
from schoolgate.runs.task_log import LogFilters, task_log


def runs_for(user: Person) -> QuerySet[Run]:
    """The runs this person may see."""
    seen = Run.objects.select_related("base", "task")
    return seen if may(user, Right.RUNS_VIEW) else seen.none()


def run_for(user: Person, run_id: int) -> Run:
    """One run this person may see; anything else is not found."""
    found = runs_for(user).filter(pk=run_id).first()
    if found is None:
        raise Http404
    return found


def task_log_for(user: Person, filters: LogFilters) -> QuerySet[TaskLogEntry]:
    """The rows of the task log this person may see, narrowed."""
    found = task_log(filters)
    return found if may(user, Right.LOG_VIEW) else found.none()


def may_read_log(user: Person) -> bool:
    """Whether this person may read the task log, page by page or as CSV."""
    return may(user, Right.LOG_VIEW)
