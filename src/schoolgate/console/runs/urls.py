"""The addresses of runs, the queue and what is held."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.runs import behind, files, items, left_out, queue, views

urlpatterns = [
    path("runs/<int:run_id>/", views.run, name="run"),
    path("runs/<int:run_id>/live/", views.run_live, name="run_live"),
    path("runs/<int:run_id>/cancel/", queue.run_cancel, name="run_cancel"),
    path("runs/<int:run_id>/front/", queue.run_front, name="run_front"),
    path("runs/<int:run_id>/changes/", views.run_changes, name="run_changes"),
    path("runs/<int:run_id>/items/", items.run_items, name="run_items"),
    path("runs/<int:run_id>/blocks/", behind.run_behind, name="run_behind"),
    path("runs/<int:run_id>/left-out/", left_out.run_left_out, name="run_left_out"),
    path("files/<int:file_id>/", files.download, name="file"),
    path("queue/", queue.queue, name="queue"),
]
