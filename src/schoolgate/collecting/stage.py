"""Pages a run has read, kept until they are in a file: after a crash the read goes on behind the last one.

Pages are written in batches: at once where the source is slow, half a megabyte together where it is fast.
Of a page whose bytes landed before only the digest is kept. That saves a crashed run a call and no more,
so such pages wait longer, and a short run in which nothing changed writes none at all.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec

from schoolgate.collecting.models import StagedPage
from schoolgate.lib import clock

COMPRESSION = 1
BATCH_SECONDS = 0.15
KNOWN_BATCH_SECONDS = 5.0
BATCH_BYTES = 512 * 1024


class Page(msgspec.Struct, kw_only=True):
    """One page as read; ``body`` is ``None`` where only its digest was kept."""

    reading: str
    number: int
    link: str
    next_link: str | None
    digest: bytes
    size: int
    body: bytes | None


Waiting = tuple[str, int, str, str | None, bytes, int, bytes | None, datetime]
"""A page on its way into the table: the fields of a ``Page``, the body compressed, and when it was read."""


class StagedPages:
    """The staged pages of one run."""

    def __init__(
        self,
        run_id: int,
        *,
        since_at: datetime | None,
        is_first_attempt: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``since_at`` is when the run began to read: what was read before no longer counts.

        At a run's first attempt nothing lies there yet, and nobody need look.
        """
        self._run_id = run_id
        self._since_at = since_at
        self._monotonic = monotonic
        self._waiting: list[Waiting] = []
        self._bytes = 0
        self._written_at = monotonic()
        self._written: set[str] | None = set() if is_first_attempt else None

    @property
    def _readings(self) -> set[str]:
        """The readings of which pages lie in the table."""
        if self._written is None:
            kept = StagedPage.objects.filter(run_id=self._run_id)
            self._written = set(kept.values_list("reading", flat=True).distinct())
        return self._written

    def pages(self, reading: str) -> list[Page]:
        """What an earlier attempt has read of this, without a gap, in order."""
        if reading not in self._readings:
            return []
        kept = StagedPage.objects.filter(run_id=self._run_id, reading=reading)
        if self._since_at is not None:
            kept = kept.filter(read_at__gte=self._since_at)
        found: list[Page] = []
        for row in kept.order_by("page").iterator(chunk_size=20):
            if row.page != len(found) + 1:
                break
            found.append(_page(row))
        return found

    def add(self, page: Page, *, is_known: bool) -> None:
        """Keep a page; of a known one only the digest, since its blocks landed long ago."""
        body = None if is_known or page.body is None else zlib.compress(page.body, COMPRESSION)
        without_body = (page.reading, page.number, page.link, page.next_link, page.digest, page.size)
        self._waiting.append((*without_body, body, clock.now()))
        self._bytes += len(body or b"")
        longest = BATCH_SECONDS if self._bytes else KNOWN_BATCH_SECONDS
        if self._bytes >= BATCH_BYTES or self._monotonic() - self._written_at >= longest:
            self.flush()

    def flush(self) -> None:
        """Commit what waits."""
        if self._waiting:
            self._readings.update(each[0] for each in self._waiting)
            StagedPage.objects.bulk_create(
                [_row(self._run_id, each) for each in self._waiting],
                update_conflicts=True,
                unique_fields=["run_id", "reading", "page"],
                update_fields=["link", "next_link", "digest", "size", "body", "read_at"],
            )
        self._waiting = []
        self._bytes = 0
        self._written_at = self._monotonic()

    def forget(self, reading: str) -> None:
        """Throw a reading away, to begin it again."""
        self._waiting = [each for each in self._waiting if each[0] != reading]
        if reading in self._readings:
            StagedPage.objects.filter(run_id=self._run_id, reading=reading).delete()
            self._readings.discard(reading)

    def clear(self) -> None:
        """The run has made its file, or ended: nothing is needed any more."""
        self._waiting = []
        if self._readings:
            StagedPage.objects.filter(run_id=self._run_id).delete()
            self._readings.clear()


def _row(run_id: int, waiting: Waiting) -> StagedPage:
    reading, number, link, next_link, digest, size, body, read_at = waiting
    return StagedPage(
        run_id=run_id,
        reading=reading,
        page=number,
        link=link,
        next_link=next_link or "",
        digest=UUID(bytes=digest),
        size=size,
        body=body,
        read_at=read_at,
    )


def _page(row: StagedPage) -> Page:
    return Page(
        reading=row.reading,
        number=row.page,
        link=row.link,
        next_link=row.next_link or None,
        digest=row.digest.bytes,
        size=row.size,
        body=None if row.body is None else zlib.decompress(bytes(row.body)),
    )
