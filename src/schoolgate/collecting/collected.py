"""What a run has collected, as it is handed on to be concluded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from schoolgate.blocks.rules import ProposedPage
from schoolgate.collecting.books import Books
from schoolgate.collecting.marks import Marks
from schoolgate.collecting.outbox import Outbox
from schoolgate.collecting.roll_call import CalledRoll
from schoolgate.collecting.sifter import SiftedReading
from schoolgate.runs.models import Run
from schoolgate_message.records import MatchKeys


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that came of one run's reading.

    ``source`` is what the messages call the source. ``readings`` are those that were sifted, ``outbox`` the
    blocks that differ, ``marks`` those of an attendance run, ``books`` the counts and what was refused.
    ``clock_offset`` is the source's clock minus ours. ``keys`` say by what the pupils who go into the files
    are recognised. ``retell``, called first in the transaction that ends the run, remembers what is known by
    another source's landing, and ``forgotten``, asked after it, tells whose hashes were known when sifting
    began and are no longer.
    """

    run: Run
    source: str
    roll: CalledRoll
    roll_pages: Sequence[ProposedPage] = ()
    readings: Sequence[SiftedReading] = ()
    outbox: Outbox
    books: Books
    marks: Marks | None = None
    keys: Mapping[str, MatchKeys]
    clock_offset: timedelta
    retell: Callable[[datetime], None]
    forgotten: Callable[[], Mapping[str, set[str]]]

    @property
    def pages(self) -> Iterator[ProposedPage]:
        """The pages that were read and say something new."""
        for reading in self.readings:
            yield from reading.pages
        yield from self.roll_pages

    def has_read(self, external_id: str, group: str) -> bool:
        """Whether all that the source holds of a pupil's group was read and sifted."""
        return any(each.has_read(external_id, group) for each in self.readings)
