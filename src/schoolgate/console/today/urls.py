"""The addresses of Today, and of where one arrives after signing in."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.today import views

urlpatterns = [
    path("", views.today, name="today"),
    path("arrive/", views.arrive, name="arrive"),
]
