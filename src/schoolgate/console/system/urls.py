"""The addresses of the system's pages."""

from __future__ import annotations

from django.urls import path

from schoolgate.console.system import blackouts, cache, connection_limits, connections, defaults, health

urlpatterns = [
    path("system/defaults/", defaults.defaults, name="defaults"),
    path("system/blackout-dates/", blackouts.blackouts, name="blackouts"),
    path("system/blackout-dates/new/", blackouts.blackout_new, name="blackout_new"),
    path("system/blackout-dates/edit/", blackouts.blackout_edit, name="blackout_edit"),
    path("system/blackout-dates/remove/", blackouts.blackout_remove, name="blackout_remove"),
    path("system/cache/", cache.cache, name="cache"),
    path("system/cache/confirm/", cache.cache_confirm, name="cache_confirm"),
    path("system/connections/", connections.connections, name="connections"),
    path(
        "system/connections/<slug:mis>/limits/", connection_limits.connection_limit, name="connection_limit"
    ),
    path(
        "system/connections/<slug:mis>/limits/remove/",
        connection_limits.connection_limit_remove,
        name="connection_limit_remove",
    ),
    path(
        "system/connections/<slug:mis>/settings/<slug:name>/",
        connections.connection_setting,
        name="connection_setting",
    ),
    path(
        "system/connections/<slug:mis>/settings/<slug:name>/reset/",
        connections.connection_reset,
        name="connection_reset",
    ),
    path("system/health/", health.clockwork, name="clockwork"),
]
