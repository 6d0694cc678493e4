"""What one run asks of its source: of which base, for whom, and as of which day."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from schoolgate.connectors import registry
from schoolgate.connectors.port import Reading
from schoolgate.lib.clock import london_day
from schoolgate.runs.models import Run
from schoolgate.runs.queries import cohort_of
from schoolgate.tasks.cohorts import Cohort

LONGEST_SIGNATURE = 120


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A run's question. ``source`` is what the messages call the source.

    ``today`` is what leavers' months are counted back from, ``reach_on`` the day since which a leaver who was
    never sent is still taken.
    """

    base_id: int
    source: str
    cohort: Cohort
    today: date
    reach_on: date

    def signature(self, reading: Reading) -> str:
        """What a whole reading is remembered by: the request, the mapping and the cohort."""
        return f"{reading.signature} {self.cohort.key}"[:LONGEST_SIGNATURE]


def asked_by(run: Run, *, reach_back_days: int) -> Asked:
    """What a run that was taken up asks; so many days back its source answers for what changed."""
    today = london_day(run.read_started_at or run.planned_at)
    return Asked(
        base_id=run.base_id,
        source=registry.of(run.base.mis).label,
        cohort=cohort_of(run),
        today=today,
        reach_on=today - timedelta(days=reach_back_days),
    )
