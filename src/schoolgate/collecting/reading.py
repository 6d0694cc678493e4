"""Reads a domain page by page, from where an earlier attempt stopped, and watches for pages that lie.

A page whose bytes landed before is not parsed: its digest says all. Every other page is parsed once as
a whole, so that a page that is cut is found before it counts as read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec
import xxhash

from schoolgate.blocks.rules import LandedPage
from schoolgate.collecting.bodies import Bodies
from schoolgate.collecting.stage import Page, StagedPages
from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import Reading, Source, SourceRow, Unpacked

Checkpoint = Callable[[Reading], None]
"""Called before each page; may raise to stop the run."""

RESTARTS_OF_A_DOMAIN = 2
MOST_ROWS_KEPT = 4_000
"""So many rows of a domain are kept unpacked; those of the pages beyond are unpacked anew each time."""

_COUNTED = frozenset({"source.rows_repeated", "source.rows_missing", "source.page_moved"})


class ReadPage(msgspec.Struct, kw_only=True):
    """A page that was read: its digest, its place among the bodies, what is remembered of it as landed."""

    number: int
    link: str
    digest: bytes
    place: int | None
    landed: LandedPage | None
    is_last: bool


class ReadDomain:
    """All pages of one reading. Close it when its rows are no longer needed.

    ``is_confirmed`` says that the source's own count agrees; ``doubts``, why nobody vouches for the list
    where it doesn't count; ``unplaced`` by page, how many rows can't be read or don't say whose they are.
    """

    def __init__(self, source: Source, reading: Reading) -> None:
        """Empty; ``read_domain`` fills it."""
        self.reading = reading
        self.pages: list[ReadPage] = []
        self.declared: int | None = None
        self.is_confirmed = False
        self.doubts: tuple[str, ...] = ()
        self.unplaced: dict[int, int] = {}
        self._source = source
        self._bodies = Bodies()
        self._unpacked: dict[int, Unpacked] = {}
        self._rows_kept = 0

    @property
    def is_known(self) -> bool:
        """Whether every page is known to have landed."""
        return all(page.landed is not None for page in self.pages)

    @property
    def is_empty(self) -> bool:
        """Whether there is one page, without a row."""
        return len(self.pages) == 1 and not self._unpack(self.pages[0]).rows

    @property
    def size(self) -> int:
        """The bytes read, those aside that an earlier attempt knew already."""
        return self._bodies.size

    def add(self, page: Page, *, unpacked: Unpacked | None, landed: LandedPage | None) -> None:
        """Take a page in."""
        place = None if page.body is None else self._bodies.add(page.body)
        if unpacked is not None:
            self._keep(page.number, unpacked)
        self.pages.append(
            ReadPage(
                number=page.number,
                link=page.link,
                digest=page.digest,
                place=place,
                landed=landed,
                is_last=page.next_link is None,
            )
        )

    def rows(self) -> Iterator[tuple[int, list[SourceRow]]]:
        """The rows of each page with the page's number; may be gone through again."""
        for page in self.pages:
            yield page.number, self._unpack(page).rows

    @property
    def is_vouched(self) -> bool:
        """Whether the source vouches that the list is whole: by its count, or by nothing that goes on."""
        return self.is_confirmed or not self.doubts

    @property
    def how_many_unplaced(self) -> int:
        """How many rows can't be read, or don't say whose they are."""
        return sum(self.unplaced.values())

    def check(self) -> None:
        """Whether the rows are each there once and as many as declared. Raises SourceProblem (temporary)."""
        doubts: dict[str, None] = {}
        seen: set[tuple[str, str, bool]] = set()
        total = named = 0
        domain = self.reading.domain
        for page in self.pages:
            unpacked = self._unpack(page)
            if self.declared is None:
                self.declared = unpacked.declared
            # Brothers and sisters may share a contact and its id: a row is told by its pupil as well.
            seen.update((row.pupil, row.row_id, row.is_removed) for row in unpacked.rows if row.row_id)
            named += sum(1 for row in unpacked.rows if row.row_id)
            total += len(unpacked.rows) + unpacked.unplaced
            doubts |= dict.fromkeys(unpacked.doubts)
            if unpacked.unplaced:
                self.unplaced[page.number] = unpacked.unplaced
        if len(seen) != named:
            raise SourceProblem(
                "source.rows_repeated", detail=f"{domain}: {named - len(seen)} of {total} rows came twice"
            )
        if self.declared is not None and self.declared != total:
            raise SourceProblem(
                "source.rows_missing", detail=f"{domain}: {self.declared} rows declared, {total} given"
            )
        self.is_confirmed = self.declared is not None
        self.doubts = tuple(doubts)

    def _unpack(self, page: ReadPage) -> Unpacked:
        kept = self._unpacked.get(page.number)
        if kept is None:
            kept = self._source.unpack(self._body(page), domain=self.reading.domain, link=page.link)
            self._keep(page.number, kept)
        return kept

    def _keep(self, number: int, unpacked: Unpacked) -> None:
        if self._rows_kept < MOST_ROWS_KEPT:
            self._unpacked[number] = unpacked
            self._rows_kept += len(unpacked.rows)

    def _body(self, page: ReadPage) -> bytes:
        if page.place is None:
            # An earlier attempt knew this page and kept only its digest; now its rows are wanted.
            body = self._source.read_page(page.link)
            if digest_of(body) != page.digest:
                raise SourceProblem("source.page_moved", detail=self.reading.domain)
            page.place = self._bodies.add(body)
        return self._bodies.get(page.place)

    def close(self) -> None:
        """Let the bytes go."""
        self._unpacked = {}
        self._bodies.close()


def digest_of(body: bytes) -> bytes:
    """The sixteen bytes a page is known by."""
    return xxhash.xxh3_128_digest(body)


def read_domain(
    source: Source,
    reading: Reading,
    *,
    stage: StagedPages,
    landed: Mapping[int, LandedPage],
    checkpoint: Checkpoint,
    note: Callable[[SourceProblem], None],
) -> ReadDomain:
    """Read a domain; unless every page is known, its rows are counted, and read again when they don't fit.

    ``note`` is told of a count that did not fit and was overcome. Raises SourceProblem.
    """
    for restarts in range(RESTARTS_OF_A_DOMAIN + 1):
        found = ReadDomain(source, reading)
        try:
            _read(found, source, stage=stage, landed=landed, checkpoint=checkpoint)
            if reading.must_have_rows and not found.is_known and found.is_empty:
                _refuse_empty(reading)
            if not found.is_known:
                found.check()
        except SourceProblem as problem:
            found.close()
            if problem.code not in _COUNTED:
                raise
            # What was read is wrong as a whole: the next try must not go on from any of its pages.
            stage.forget(reading.key)
            if restarts == RESTARTS_OF_A_DOMAIN:
                raise
            note(problem)
        except BaseException:
            found.close()
            raise
        else:
            return found
    raise SourceProblem("source.rows_missing", detail=reading.domain)


def _read(
    found: ReadDomain,
    source: Source,
    *,
    stage: StagedPages,
    landed: Mapping[int, LandedPage],
    checkpoint: Checkpoint,
) -> None:
    reading = found.reading
    following: str | None = reading.first_link
    links: set[str] = set()
    for page in stage.pages(reading.key):
        found.add(page, unpacked=None, landed=_as_landed(page.number, page.digest, landed))
        links.add(page.link)
        following = page.next_link
    while following is not None:
        _check_goes_on(following, links, reading)
        links.add(following)
        number = len(found.pages) + 1
        checkpoint(reading)
        page, unpacked = _page(source, reading, number=number, link=following, landed=landed)
        known = _as_landed(number, page.digest, landed)
        stage.add(page, is_known=known is not None)
        found.add(page, unpacked=unpacked, landed=known)
        following = page.next_link


def _refuse_empty(reading: Reading) -> None:
    raise SourceProblem("source.empty_roll", detail=reading.domain)


def _check_goes_on(link: str, links: set[str], reading: Reading) -> None:
    if link in links:
        raise SourceProblem("source.rows_repeated", detail=f"{reading.domain}: a continuation leads back")


def _page(
    source: Source, reading: Reading, *, number: int, link: str, landed: Mapping[int, LandedPage]
) -> tuple[Page, Unpacked | None]:
    """One page, unpacked unless it is known."""
    body = source.read_page(link)
    digest = digest_of(body)
    unpacked = None
    known = _as_landed(number, digest, landed)
    if known is None:
        unpacked = source.unpack(body, domain=reading.domain, link=link)
        next_link = unpacked.next_link
    else:
        # The same bytes say the same: of a page that was the last one nobody need look through the whole.
        next_link = None if known.counts.is_last else source.next_link(body, link=link)
    page = Page(
        reading=reading.key,
        number=number,
        link=link,
        next_link=next_link,
        digest=digest,
        size=len(body),
        body=body,
    )
    return page, unpacked


def _as_landed(number: int, digest: bytes, landed: Mapping[int, LandedPage]) -> LandedPage | None:
    known = landed.get(number)
    return known if known is not None and known.digest == digest else None
