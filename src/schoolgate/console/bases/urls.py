"""The addresses of bases."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.bases import connecting, views

urlpatterns = [
    path("bases/", views.bases, name="bases"),
    path("bases/new/", views.base_new, name="base_new"),
    path("bases/<int:base_id>/", views.base, name="base"),
    path("bases/<int:base_id>/edit/", views.base_edit, name="base_edit"),
    path("bases/<int:base_id>/sims-primary-settings/", connecting.connection, name="base_connection"),
    path(
        "bases/<int:base_id>/sims-primary-settings/test/",
        connecting.connection_try,
        name="base_connection_test",
    ),
    path("bases/<int:base_id>/sims-primary/", connecting.start, name="base_start"),
]
