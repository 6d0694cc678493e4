"""The addresses of all pages: the console, signing in, and the sign of life."""

from __future__ import annotations

from django.urls import include, path

from schoolgate.config.health import health

urlpatterns = [
    path("health", health, name="health"),
    path("accounts/", include("allauth.urls")),
    path("", include("schoolgate.console.urls")),
]
