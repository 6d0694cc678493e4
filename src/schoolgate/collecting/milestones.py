"""Shows how far a run has read, and hears whether somebody wishes it to stop."""

from __future__ import annotations

import time
from collections.abc import Callable

from schoolgate.connectors.port import Reading, Source
from schoolgate.runs.keeping import save_progress
from schoolgate.runs.models import Run
from schoolgate.runs.progress import ReadSoFar

CHECK_SECONDS = 0.5


class CancelWanted(Exception):
    """Somebody asked the run to stop; found between two pages."""


class Milestones:
    """The pages of one run, counted as they are read."""

    def __init__(self, run: Run, *, source: Source, monotonic: Callable[[], float] = time.monotonic) -> None:
        """``source`` tells how many calls were made. No page is read yet, and of no pupil anything known."""
        self.pupils = 0
        self._run = run
        self._source = source
        self._monotonic = monotonic
        self._checked_at = monotonic()
        self._pages = 0

    def passed(self, reading: Reading) -> None:
        """Before a page is read: now and then show how far the run is. Raises CancelWanted."""
        self._pages += 1
        now = self._monotonic()
        if now - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = now
        if self.show(domain=reading.domain):
            raise CancelWanted

    def note_pupils(self, pupils: int) -> None:
        """Say how many pupils the cohort has, as far as is known."""
        self.pupils = pupils

    def show(self, *, domain: str = "") -> bool:
        """Keep how far the run is; answers whether it should stop. Raises StaleAttemptError."""
        so_far = ReadSoFar(pages=self._pages, calls=self._source.calls, pupils=self.pupils, domain=domain)
        return save_progress(self._run.pk, attempt=self._run.attempt, progress=so_far)
