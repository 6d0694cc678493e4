"""Changes the order of the queue: what an officer wants first goes first."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from schoolgate.audit.actions import record_event
from schoolgate.runs import engine
from schoolgate.runs.models import Run
from schoolgate.runs.states import UNFINISHED, Stage

HIGHEST = 32_000
"""The column ends at 32,767; those who are moved to the front after that share the front."""
_JOBS = (
    "UPDATE procrastinate_jobs SET priority = %(priority)s"
    " WHERE status = 'todo' AND args ? 'run_id' AND (args ->> 'run_id')::bigint = %(run_id)s"
)


@transaction.atomic
def move_to_front(run_id: int, *, by: int | None, now: datetime) -> bool:
    """Lets a run go before every other that has not begun; answers whether there was anything to move.

    A run that is under way, or has ended, stays where it is. One that waits for another run of its base, or
    for a source to recover, still waits, and is then the first to go.
    """
    run = Run.objects.select_for_update(no_key=True).get(pk=run_id)
    if run.stage not in {Stage.DUE.value, Stage.WAITING.value}:
        return False
    others = Run.objects.filter(stage__in=UNFINISHED).exclude(pk=run_id)
    highest = others.aggregate(most=Max("priority"))["most"]
    run.priority = min(max(run.priority, (highest or 0) + 1), HIGHEST)
    run.save(update_fields=["priority"])
    engine.tell(_JOBS, priority=run.priority, run_id=run_id)
    record_event("runs.run.moved_to_front", now=now, user_id=by, base_id=run.base_id, subject_id=run_id)
    return True
