"""The addresses of the mapping."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.mapping import views

urlpatterns = [
    path("mapping/", views.mapping, name="mapping"),
    path("mapping/overrides/new/", views.override_new, name="override_new"),
    path("mapping/overrides/<int:override_id>/", views.override_edit, name="override_edit"),
    path("mapping/overrides/<int:override_id>/remove/", views.override_remove, name="override_remove"),
]
