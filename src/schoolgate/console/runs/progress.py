"""What a run that is still working shows: its stage, what it has read, an honest estimate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from schoolgate.pages.charts import gauge
from schoolgate.pages.words import lasted, roughly
from schoolgate.runs.access import Run
from schoolgate.runs.progress import read_so_far

FEW_PAGES = 3
"""Before so many pages an estimate would be a guess, and none is given."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Pages and pupils so far; ``width`` fills the bar, ``estimate`` is empty while unknown."""

    pages: int
    pages_expected: int | None
    pupils: int
    domain: str
    width: float | None
    estimate: str
    so_far: str


def progress_of(run: Run, *, now: datetime, usual_pages: int | None = None) -> Progress:
    """Read from what the worker keeps in the run's row; ``usual_pages`` is what such a run reads."""
    kept = read_so_far(run.progress)
    pages, expected = kept.pages, kept.pages_expected or usual_pages
    expected = max(expected, pages) if expected else None
    elapsed = now - run.started_at if run.started_at else None
    return Progress(
        pages=pages,
        pages_expected=expected,
        pupils=kept.pupils,
        domain=kept.domain,
        width=gauge(pages, limit=expected) if expected else None,
        estimate=_estimate(pages, expected, elapsed),
        so_far=lasted(elapsed),
    )


def _estimate(pages: int, expected: int | None, elapsed: timedelta | None) -> str:
    if expected is None or elapsed is None or pages < FEW_PAGES or pages >= expected:
        return ""
    return f"{roughly(elapsed / pages * (expected - pages))} to go"
