"""The addresses of the task log."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.log import views

urlpatterns = [
    path("log/", views.log, name="log"),
    path("log/csv/", views.log_export, name="log_csv"),
    path("bases/<int:base_id>/log/", views.base_log, name="base_log"),
]
