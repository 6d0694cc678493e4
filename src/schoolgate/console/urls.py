"""The addresses of the console's pages, subject by subject."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("schoolgate.console.today.urls")),
    path("", include("schoolgate.console.bases.urls")),
    path("", include("schoolgate.console.tasks.urls")),
    path("", include("schoolgate.console.log.urls")),
    path("", include("schoolgate.console.runs.urls")),
    path("", include("schoolgate.console.held.urls")),
    path("", include("schoolgate.console.pupils.urls")),
    path("", include("schoolgate.console.mapping.urls")),
    path("", include("schoolgate.console.system.urls")),
]
