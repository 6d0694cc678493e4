"""What is ticked on Scheduled Tasks: rows of one task at one base each, and the way back to the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from schoolgate.pages.asked import number, numbers
from schoolgate.pages.words import counted
from schoolgate.tasks.access import Membership, ScheduledTask, memberships_for, tasks_for


@dataclass(frozen=True, kw_only=True)
class Picked:
    """The ticked rows. A task is acted upon as a whole, so ``bases_of`` says whom else it concerns."""

    members: Sequence[Membership]
    tasks: Sequence[ScheduledTask]
    bases_of: dict[int, int]

    @property
    def task_ids(self) -> list[int]:
        """The tasks, each once."""
        return [task.pk for task in self.tasks]

    @property
    def base_count(self) -> int:
        """How many places are concerned: a base counts once a task."""
        return sum(self.bases_of.values())

    @property
    def words(self) -> str:
        """What is picked: `Nightly changes`, `3 tasks`; with a group, for how many bases."""
        if len(self.tasks) != 1:
            return f"{len(self.tasks)} tasks"
        name, bases = self.tasks[0].name, self.bases_of.get(self.tasks[0].pk, 0)
        return name if bases <= 1 else f"{name} ({counted(bases, 'base')})"


def picked(request: HttpRequest) -> Picked:
    """The rows ticked as ``member``, or the tasks named as ``task`` with all their bases."""
    asked = request.POST if request.method == "POST" else request.GET
    member_ids = numbers(asked.getlist("member"))
    task_ids = numbers(asked.getlist("task"))
    members = list(memberships_for(request.user).filter(pk__in=member_ids))
    task_ids |= {member.task_id for member in members}
    places: dict[int, int] = dict.fromkeys(task_ids, 0)
    of_these = memberships_for(request.user, task_ids=task_ids).order_by()
    for task_id in of_these.values_list("task_id", flat=True):
        places[task_id] += 1
    tasks = list(tasks_for(request.user).filter(pk__in=task_ids).order_by(Lower("name"), "pk"))
    return Picked(members=members, tasks=tasks, bases_of={task.pk: places[task.pk] for task in tasks})


def back_to_list(request: HttpRequest) -> HttpResponseRedirect:
    """The list as it was filtered, or the page of the task one came from."""
    asked = request.POST if request.method == "POST" else request.GET
    task_id = number(asked.get("from_task", ""))
    if task_id is not None:
        return redirect("task", task_id)
    query = asked.get("back", "")
    return redirect(f"{reverse('tasks')}?{query}" if query else reverse("tasks"))
