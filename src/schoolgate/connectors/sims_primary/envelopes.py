"""What stands around the rows of a page: their list, the continuation, the count, and what else there is.

A page is parsed at once by the names that its parts are known to have. One that has other members, or that
can't be parsed because of a row, is taken apart: a member that could continue the list makes the list one
for which nobody vouches, and a row that can't be read is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from schoolgate.connectors import odd_json
from schoolgate.connectors.port import SourceRow, Unpacked
from schoolgate.connectors.sims_primary.problems import SimsPrimaryProblem
from schoolgate.connectors.sims_primary.settings import SourceSettings
from schoolgate_message.ids import usable_id

VALUE, ERROR = "value", "error"
CONTINUATIONS = ("@odata.nextLink", "@nextLink", "odata.nextLink", "__next", "nextLink")
"""The names that the continuation has in the versions of OData, and in what is made after it."""
COUNTS = ("@odata.count", "@count", "odata.count", "__count")
PLAIN = re.compile(
    r"(@?odata\.|@)(context|metadata|type|id|etag|metadataEtag|deltaLink|editLink|readLink)", re.IGNORECASE
)
"""Members that say nothing of further rows."""
EMPTY = b'{"value":[]}'

_COULD_CONTINUE = re.compile(
    r"next|more|continu|skip|cursor|token|page|partial|truncat|incomplete|remaining", re.IGNORECASE
)
_IS_ELSEWHERE = re.compile(r"(self|first|prev|previous|href|rel|total\w*|\w*size|number)$", re.IGNORECASE)
_PAGES = re.compile(r"(total)?_?-?(pages|page_?count)$", re.IGNORECASE)
_LINK = re.compile(r"^(https?:)?//|^[/?]|\$?skip(token)?=", re.IGNORECASE)
_MOST_DEPTH = 4
_LINK_AT_END = re.compile(rb'\s*:\s*("[^"\\]*")')


@lru_cache(maxsize=8)
def envelopes_for(settings: SourceSettings) -> Envelopes:
    """The reader for these settings: its decoders take longer to compile than a small school to read."""
    return Envelopes(settings)


class _Page(msgspec.Struct):
    rows: list[msgspec.Raw]
    next_link: str | None
    declared: int | None
    doubts: tuple[str, ...] = ()
    unreadable: int = 0


class PlainPage(msgspec.Struct, frozen=True):
    """A page of a small list, its rows decoded."""

    rows: list[dict[str, Any]]
    next_link: str | None
    doubts: tuple[str, ...]


class Envelopes:
    """Reads pages by the names that the settings give their parts."""

    def __init__(self, settings: SourceSettings) -> None:
        """Compile the decoders for these names."""
        self._continuations = tuple(dict.fromkeys((settings.continuation, *CONTINUATIONS)))
        self._counts = tuple(dict.fromkeys((settings.count_name, *COUNTS)))
        self._keys = [b'"' + name.encode() + b'"' for name in self._continuations]
        parts = [
            (VALUE, list[msgspec.Raw], msgspec.field(name=VALUE)),
            ("next_link", str | None, msgspec.field(default=None, name=settings.continuation)),
            ("declared", int | None, msgspec.field(default=None, name=settings.count_name)),
            ("context", Any, msgspec.field(default=None, name="@odata.context")),
        ]
        usual = msgspec.defstruct("Page", parts, forbid_unknown_fields=True)
        self._usual: msgspec.json.Decoder[Any] = msgspec.json.Decoder(usual)
        self._removed = settings.removed_name
        self._heads: dict[tuple[str, str], Callable[[msgspec.Raw], Any]] = {}

    def next_link(self, body: bytes) -> str | None:
        """The continuation of a page that was parsed once before, looked for from the end.

        Inside a text a name's quotation marks would be escaped, so where the bytes of none are met there is
        no continuation, and nobody need look through the page.
        """
        at = body.rfind(self._keys[0])
        found = _LINK_AT_END.match(body, at + len(self._keys[0])) if at >= 0 else None
        if found is not None:
            return str(odd_json.decoded(found[1])) or None
        if not any(key in body for key in self._keys):
            return None
        return self._read(body, "a page").next_link

    def unpack(self, body: bytes, *, domain: str, pupil: str, row: str) -> Unpacked:
        """The rows with whose they are and their own ids; a row without its pupil's, or with one that
        no message can carry, is counted aside.

        Raises SourceProblem for a page that ends early, that is something else, or of which no row has ids.
        """
        page = self._read(body, domain)
        decode = self._head(pupil, row)
        pupil_path, row_path = pupil.split("/"), row.split("/")
        rows = []
        unplaced = 0
        for raw in page.rows:
            head = _head_of(raw, decode)
            owner = usable_id(_follow(head, pupil_path))
            if not owner:
                unplaced += 1
                continue
            is_removed = getattr(head, "removed", None) not in (msgspec.UNSET, None, False)
            rows.append(
                SourceRow(
                    pupil=owner, row_id=usable_id(_follow(head, row_path)), is_removed=is_removed, raw=raw
                )
            )
        if unplaced and not rows:
            raise SimsPrimaryProblem("source.unexpected_row", detail=f"{domain}: no row has the ids expected")
        return Unpacked(
            rows=rows,
            next_link=page.next_link,
            declared=page.declared,
            doubts=page.doubts,
            unplaced=unplaced + page.unreadable,
        )

    def plain_page(self, body: bytes) -> PlainPage:
        """A page of a small list, its rows decoded. What isn't a row is left out."""
        page = self._read(body, "a list")
        rows = [row for raw in page.rows if isinstance(row := _said(raw), dict)]
        return PlainPage(rows=rows, next_link=page.next_link, doubts=page.doubts)

    def _read(self, body: bytes, domain: str) -> _Page:
        try:
            page = self._usual.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._read_with_care(body, domain)
        return _Page(rows=page.value, next_link=page.next_link or None, declared=_number(page.declared))

    def _read_with_care(self, body: bytes, domain: str) -> _Page:
        try:
            parts = odd_json.members(odd_json.mended(odd_json.without_mark(body)))
            raws = odd_json.elements(parts.pop(VALUE)) if VALUE in parts else None
        except odd_json.CutError as error:
            raise SimsPrimaryProblem("source.truncated", detail=domain) from error
        except odd_json.UnreadableError as error:
            raise SimsPrimaryProblem("source.unexpected_page", detail=f"{domain}: {error}") from error
        said = {name: _said(raw) for name, raw in parts.items()}
        if raws is None:
            code = "source.error_in_answer" if ERROR in said else "source.unexpected_page"
            raise SimsPrimaryProblem(code, detail=f"{domain}: no list of rows")
        rows, unreadable = _readable(raws)
        links = [said.pop(name) for name in self._continuations if name in said]
        counts = [said.pop(name) for name in self._counts if name in said]
        next_link, doubts = _one_link(links)
        return _Page(
            rows=rows,
            next_link=next_link,
            declared=_number(counts[0]) if counts else None,
            doubts=(*doubts, *_doubts(said)),
            unreadable=unreadable,
        )

    def _head(self, pupil: str, row: str) -> Callable[[msgspec.Raw], Any]:
        key = (pupil, row)
        if key not in self._heads:
            fields: dict[str, Any] = {}
            for path in key:
                first, *rest = path.split("/")
                fields[first] = _nested(rest)
            parts = [(name, kind, msgspec.field(default=None, name=name)) for name, kind in fields.items()]
            removed = ("removed", Any, msgspec.field(default=msgspec.UNSET, name=self._removed))
            self._heads[key] = msgspec.json.Decoder(msgspec.defstruct("Head", [*parts, removed])).decode
        return self._heads[key]


def _nested(steps: list[str]) -> Any:
    kind: Any = str | int | None
    for step in reversed(steps):
        kind = msgspec.defstruct("Reference", [(step, kind, msgspec.field(default=None, name=step))]) | None
    return kind


def _head_of(raw: msgspec.Raw, decode: Callable[[msgspec.Raw], Any]) -> Any:
    """What a row says of whose it is; ``None`` where it says something else."""
    try:
        return decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _follow(head: Any, path: list[str]) -> str:
    for step in path:
        head = getattr(head, step, None)
    return "" if head is None else str(head)


def _readable(raws: list[bytes]) -> tuple[list[msgspec.Raw], int]:
    """The rows that can be read, and how many can't."""
    rows, unreadable = [], 0
    for raw in raws:
        try:
            rows.append(msgspec.Raw(odd_json.rewritten(raw)))
        except odd_json.UnreadableError:
            unreadable += 1
    return rows, unreadable


def _said(raw: bytes | msgspec.Raw) -> object:
    try:
        return odd_json.decoded(raw)
    except odd_json.UnreadableError:
        return "unreadable"


def _one_link(links: list[object]) -> tuple[str | None, tuple[str, ...]]:
    """The continuation, empty for none; two that differ are a doubt."""
    told = list(dict.fromkeys(link for link in links if link not in {None, ""}))
    if not told:
        return None, ()
    if not isinstance(told[0], str):
        return None, ("a continuation that is no address",)
    return told[0], ("two continuations that differ",) if len(told) > 1 else ()


def _number(said: object) -> int | None:
    """A count, written as a number or as text."""
    text = str(said).strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _doubts(said: Mapping[str, object]) -> Iterator[str]:
    """The members that could say that the list goes on, or that something went wrong with it."""
    for name, value in said.items():
        if name == ERROR and value:
            yield "an error beside the rows"
        elif not PLAIN.fullmatch(name) and _could_continue(name, value):
            yield f"{name[:60]}, which could continue the list"


def _could_continue(name: str, value: object, depth: int = 0) -> bool:
    if value in (None, False, 0, "", "0", "false"):
        return False
    if isinstance(value, dict) and depth < _MOST_DEPTH:
        if str(value.get("rel", "next")).lower() != "next":
            return False
        return any(_could_continue(f"{name}.{key}", each, depth + 1) for key, each in value.items())
    if isinstance(value, list) and depth < _MOST_DEPTH:
        return any(_could_continue(name, each, depth + 1) for each in value)
    last = name.rpartition(".")[2]
    if _PAGES.search(last):
        return _number(value) not in {0, 1}
    if isinstance(value, str) and _LINK.search(value):
        return not re.fullmatch(r"self|first|prev|previous|rel", last, re.IGNORECASE)
    return _COULD_CONTINUE.search(last) is not None and not _IS_ELSEWHERE.search(last)
