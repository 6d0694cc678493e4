"""The addresses of scheduled tasks and of Run now."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.tasks import acting, editing, many, running, views

urlpatterns = [
    path("tasks/", views.tasks, name="tasks"),
    path("tasks/new/", editing.task_new, name="task_new"),
    path("tasks/do/", acting.tasks_do, name="tasks_do"),
    path("tasks/run/", running.tasks_run, name="tasks_run"),
    path("tasks/edit/", many.tasks_edit_many, name="tasks_edit_many"),
    path("tasks/delete/", acting.tasks_delete, name="tasks_delete"),
    path("tasks/preview/", editing.task_preview, name="task_preview"),
    path("tasks/<int:task_id>/", views.task, name="task"),
    path("tasks/<int:task_id>/edit/", editing.task_edit, name="task_edit"),
    path("tasks/<int:task_id>/bases/", many.task_bases, name="task_bases"),
    path("tasks/<int:task_id>/run/", running.task_run, name="task_run"),
    path("bases/<int:base_id>/run/", running.base_run, name="base_run"),
]
