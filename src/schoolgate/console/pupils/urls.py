"""The addresses of pupils."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.pupils import attendance, views

urlpatterns = [
    path("pupils/", views.pupils, name="pupils"),
    path("pupils/<int:pupil_id>/", views.pupil, name="pupil"),
    path("pupils/<int:pupil_id>/attendance/", attendance.pupil_attendance, name="pupil_attendance"),
    path("pupils/<int:pupil_id>/timeline/", views.pupil_timeline, name="pupil_timeline"),
    path("pupils/<int:pupil_id>/<slug:group>/", views.pupil_group, name="pupil_group"),
]
