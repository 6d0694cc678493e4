"""`/health`: how web server, database and scheduler service are, as JSON; no names of people or schools.

It answers 200 while the web server and its database do; whether anything is collected is ``is_well``, for a
web server is not to be restarted because a worker is missing. ``?must=collect`` answers 503 when it is not.
"""

from __future__ import annotations

from datetime import datetime

from django.db import Error as DatabaseError
from django.http import HttpRequest, JsonResponse

from schoolgate.accounts.scopes import EVERYTHING
from schoolgate.lib import clock
from schoolgate.scheduling import queries
from schoolgate.scheduling.queries import Health

UNAVAILABLE = 503


def health(request: HttpRequest) -> JsonResponse:
    """Says when the planner last ran, which workers live, and how far behind it is."""
    try:
        found = queries.health(EVERYTHING, now=clock.now())
    except DatabaseError:
        sentence = "The database does not answer."
        return JsonResponse({"ok": False, "is_well": False, "sentence": sentence}, status=UNAVAILABLE)
    must_collect = request.GET.get("must") == "collect"
    status = UNAVAILABLE if must_collect and not found.is_well else 200
    return JsonResponse(_told(found), status=status)


def _told(found: Health) -> dict[str, object]:
    return {
        "ok": True,
        "is_well": found.is_well,
        "sentence": found.sentence,
        "planner_last_ran_at": _instant(found.planned_at),
        "lag_seconds": round(found.lag_seconds, 1),
        "workers": [
            {
                "name": each.name,
                "runs": each.runs,
                "concurrency": each.concurrency,
                "silent_seconds": round(each.silent_seconds, 1),
                "started_at": _instant(each.started_at),
            }
            for each in found.workers
        ],
        "runs": found.runs,
        "warnings": found.warnings,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
