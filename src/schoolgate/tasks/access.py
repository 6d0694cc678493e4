"""The only way a page gets a scheduled task for a person."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from schoolgate.accounts.rights import Person, Right, may
from schoolgate.tasks.models import ScheduledTask


def tasks_for(user: Person) -> QuerySet[ScheduledTask]:
    """The tasks this person may see."""
    return ScheduledTask.objects.all() if may(user, Right.TASKS_VIEW) else ScheduledTask.objects.none()


def task_for(user: Person, task_id: int) -> ScheduledTask:
    """One task this person may see; anything else is not found."""
    found = tasks_for(user).filter(pk=task_id).first()
    if found is None:
        raise Http404
    return found
