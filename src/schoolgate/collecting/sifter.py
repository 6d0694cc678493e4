"""Sifts the readings of a run, and hands on what came of each.

Memory stays flat: a domain's pages lie as bytes, a pupil's rows are decoded one pupil at a time, and a
large domain is gone through in several passes of a share of its pupils each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

import msgspec

from schoolgate.blocks.rules import ProposedPage
from schoolgate.collecting.asked import Asked
from schoolgate.collecting.books import Books
from schoolgate.collecting.emptied import Gone, gone_from
from schoolgate.collecting.identifying import identify
from schoolgate.collecting.outbox import Outbox
from schoolgate.collecting.pupil_rows import PupilRows, grouped_rows
from schoolgate.collecting.reading import ReadDomain
from schoolgate.collecting.roll import Roll
from schoolgate.collecting.sieve import Sieve
from schoolgate.collecting.sifting import Pairs, Sifting
from schoolgate.connectors.port import Contents, Domain, Source

PASS_BYTES = 4 * 1024 * 1024
PUPILS_AT_ONCE = 500
"""So many pupils are decoded and looked up together."""


class SiftedReading(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one reading, beside the blocks and the counts.

    ``groups`` are the data groups of which it read all that the source holds of ``pupils``, ``None`` for
    everybody. ``met`` are the pairs that came, for a reading that wasn't about everybody; ``pages`` what is
    to be remembered of one that was, and ``gone`` what a person must decide since it lacks it.
    """

    groups: tuple[str, ...] = ()
    pupils: Collection[str] | None = ()
    met: Pairs = frozenset()
    pages: list[ProposedPage] = []
    gone: list[Gone] = []

    def has_read(self, external_id: str, group: str) -> bool:
        """Whether all that the source holds of a pupil's group was read."""
        if (external_id, group) in self.met:
            return True
        return group in self.groups and (self.pupils is None or external_id in self.pupils)


class Sifter:
    """Sifts the readings of a run: what is new goes into the outbox, everything into the books."""

    def __init__(self, source: Source, *, asked: Asked, sieve: Sieve, outbox: Outbox, books: Books) -> None:
        """``source`` is asked what rows say, and nothing else."""
        self._source = source
        self._asked = asked
        self._sieve = sieve
        self._outbox = outbox
        self._books = books

    def count_known(self, read: ReadDomain) -> None:
        """Count a domain of which every page landed before: nothing of it is looked at."""
        for page in read.pages:
            if page.landed is not None:
                self._books.count_known_page(read.reading.domain, page.landed.counts)

    def sift(
        self,
        domain: Domain,
        read: ReadDomain,
        *,
        roll: Roll,
        only: Collection[str] | None = None,
        done: Pairs = (),
    ) -> SiftedReading:
        """Sift every pupil's rows of a reading of a domain, or only some pupils'.

        ``done`` are pairs that came by another reading of this run already, and are passed over.
        """
        sifting = Sifting(
            domain,
            source=self._source,
            roll=roll,
            sieve=self._sieve,
            books=self._books,
            outbox=self._outbox,
            asked=self._asked,
            done=done,
        )
        self._receive(domain, read, only=only)
        seen: set[str] = set()
        passes = read.size // PASS_BYTES + 1
        for share in range(passes):
            for some in _batches(grouped_rows(read, only=only, share=share, shares=passes)):
                seen.update(roll.own_name(external_id) for external_id in some)
                contents = self._identify(domain, some, roll)
                for external_id, rows in some.items():
                    sifting.pupil(external_id, rows, contents.pop(external_id, None))
            sifting.settle_removed()
        if only is not None:
            return SiftedReading(groups=domain.groups, pupils=only, met=sifting.met)
        if not read.reading.signature:
            return SiftedReading(met=sifting.met)
        pages = sifting.pages(read, self._asked.signature(read.reading))
        gone = self._gone(domain, read, seen=seen, roll=roll)
        return SiftedReading(groups=domain.groups, pupils=None, pages=pages, gone=gone)

    def _gone(self, domain: Domain, read: ReadDomain, *, seen: Collection[str], roll: Roll) -> list[Gone]:
        """Send the end of groups that the source vouches for; answers, and tells of, those that wait."""
        found = gone_from(domain, read, seen=seen, roll=roll, sieve=self._sieve, base_id=self._asked.base_id)
        waiting = [each for each in found if not each.is_believed]
        for each in found:
            if each.is_believed:
                self._outbox.delete(each.external_id, each.group)
            else:
                self._books.note(each.problem)
        return waiting

    def _receive(self, domain: Domain, read: ReadDomain, *, only: Collection[str] | None) -> None:
        """Count the rows as they came; what becomes of each is counted as it is sifted."""
        came = sum(
            len(rows) if only is None else sum(row.pupil in only for row in rows) for _, rows in read.rows()
        )
        unplaced = read.how_many_unplaced
        self._books.receive_rows(domain.name, came + unplaced, unreadable=unplaced)

    def _identify(self, domain: Domain, some: Mapping[str, PupilRows], roll: Roll) -> dict[str, Contents]:
        if domain.name != self._source.keys_domain:
            return {}
        return identify(some, source=self._source, roll=roll, sieve=self._sieve, outbox=self._outbox)


def _batches(grouped: Mapping[str, PupilRows]) -> Iterator[dict[str, PupilRows]]:
    pupils = iter(grouped.items())
    while some := dict(islice(pupils, PUPILS_AT_ONCE)):
        yield some
