"""The addresses of what waits for a person."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.held import deciding, told, views

urlpatterns = [
    path("held/", views.held, name="held"),
    path("held/decided/", views.held_decided, name="held_decided"),
    path("held/told/", told.held_told, name="held_told"),
    path("held/<int:entry_id>/", views.held_entry, name="held_entry"),
    path("held/<int:entry_id>/decide/", deciding.held_decide, name="held_decide"),
]
