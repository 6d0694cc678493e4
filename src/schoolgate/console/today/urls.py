"""The address of Today."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.today import views

urlpatterns = [path("", views.today, name="today")]
