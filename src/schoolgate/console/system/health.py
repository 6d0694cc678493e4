"""Clockwork health: when the planner last ran, which workers live, how far behind it is."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from schoolgate.authority.queries import defaults
from schoolgate.console.runs.gauges import gauges
from schoolgate.console.screen import show
from schoolgate.lib import clock
from schoolgate.pages.gate import right
from schoolgate.pages.words import lasted
from schoolgate.runs.access import clock_differences_for
from schoolgate.scheduling.access import health_for, workers_for


@right("runs.view")
def clockwork(request: HttpRequest) -> HttpResponse:
    """The scheduler service in a sentence, then its workers, those that fell silent among them."""
    now = clock.now()
    found = health_for(request.user, now=now)
    context = {
        "health": found,
        "lag": lasted(timedelta(seconds=found.lag_seconds if found else 0)),
        "workers": [
            {"worker": each, "silent": timedelta(seconds=each.silent_seconds)}
            for each in workers_for(request.user, now=now)
        ],
        "clocks": clock_differences_for(request.user),
        "limits": gauges(request.user, now=now),
        "refresh_seconds": defaults().refresh_seconds,
        "is_still": bool(request.GET.get("still")),
    }
    return show(request, "system/health.html", context, section="system")
