"""The addresses of scheduled tasks and of Run now."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.tasks import editing, running, views

urlpatterns = [
    path("tasks/", views.tasks, name="tasks"),
    path("tasks/new/", editing.task_new, name="task_new"),
    path("tasks/preview/", editing.task_preview, name="task_preview"),
    path("tasks/<int:task_id>/", views.task, name="task"),
    path("tasks/<int:task_id>/edit/", editing.task_edit, name="task_edit"),
    path("tasks/<int:task_id>/active/", views.task_switch, name="task_switch"),
    path("tasks/<int:task_id>/run/", running.task_run, name="task_run"),
    path("bases/<int:base_id>/run/", running.base_run, name="base_run"),
]
