"""What stands around the rows of a page: their list, the continuation, the count."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from schoolgate.connectors.port import SourceRow, Unpacked
from schoolgate.connectors.sims_primary.problems import SimsPrimaryProblem
from schoolgate.connectors.sims_primary.settings import SourceSettings


@lru_cache(maxsize=8)
def envelopes_for(settings: SourceSettings) -> Envelopes:
    """The reader for these settings: its decoders take longer to compile than a small school to read."""
    return Envelopes(settings)


class Envelopes:
    """Reads pages by the names that the settings give their parts."""

    def __init__(self, settings: SourceSettings) -> None:
        """Compile the decoders for these names."""
        self._key = b'"' + settings.continuation.encode() + b'"'
        optional_text = str | None
        parts = [
            ("value", list[msgspec.Raw], msgspec.field(name="value")),
            ("next_link", optional_text, msgspec.field(default=None, name=settings.continuation)),
            ("declared", int | None, msgspec.field(default=None, name=settings.count_name)),
        ]
        self._page: msgspec.json.Decoder[Any] = msgspec.json.Decoder(msgspec.defstruct("Page", parts))
        self._removed = settings.removed_name
        self._heads: dict[tuple[str, str], Any] = {}
        self._plain: msgspec.json.Decoder[Any] = msgspec.json.Decoder(
            msgspec.defstruct(
                "PlainPage", [("value", list[dict[str, Any]], msgspec.field(name="value")), parts[1]]
            )
        )

    def next_link(self, body: bytes) -> str | None:
        """The continuation, looked for from the end: only for a page that was parsed once before.

        Inside a text the name's quotation marks would be escaped, so the bytes can't be met there.
        """
        at = body.rfind(self._key)
        if at < 0:
            return None
        rest = body[at + len(self._key) :].lstrip()
        if not rest.startswith(b":"):
            return self._decode(body, "a page").next_link  # type: ignore[no-any-return]
        rest = rest[1:].lstrip()
        if not rest.startswith(b'"'):
            return None
        end = rest.find(b'"', 1)
        return str(msgspec.json.decode(rest[: end + 1]))

    def unpack(self, body: bytes, *, domain: str, pupil: str, row: str) -> Unpacked:
        """The rows with whose they are and their own ids."""
        page = self._decode(body, domain)
        decode = self._head(pupil, row)
        pupil_path, row_path = pupil.split("/"), row.split("/")
        rows = []
        for raw in page.value:
            try:
                head = decode(raw)
            except msgspec.DecodeError as error:
                raise SimsPrimaryProblem(
                    "source.unexpected_row", detail=f"{domain}: a row without its ids"
                ) from error
            rows.append(
                SourceRow(
                    pupil=_follow(head, pupil_path),
                    row_id=_follow(head, row_path),
                    is_removed=head.removed is not msgspec.UNSET,
                    raw=raw,
                )
            )
        return Unpacked(rows=rows, next_link=page.next_link, declared=page.declared)

    def plain_rows(self, body: bytes) -> tuple[list[dict[str, Any]], str | None]:
        """The rows of a small list, decoded, and the continuation."""
        try:
            page = self._plain.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _unreadable("a list", error) from error
        return page.value, page.next_link

    def _decode(self, body: bytes, domain: str) -> Any:
        try:
            return self._page.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _unreadable(domain, error) from error

    def _head(self, pupil: str, row: str) -> Any:
        key = (pupil, row)
        if key not in self._heads:
            fields: dict[str, Any] = {}
            for path in key:
                first, *rest = path.split("/")
                fields[first] = _nested(rest) if rest else str
            parts = [(name, kind, msgspec.field(name=name)) for name, kind in fields.items()]
            removed = ("removed", Any, msgspec.field(default=msgspec.UNSET, name=self._removed))
            self._heads[key] = msgspec.json.Decoder(msgspec.defstruct("Head", [*parts, removed])).decode
        return self._heads[key]


def _nested(steps: list[str]) -> Any:
    kind: Any = str
    for step in reversed(steps):
        kind = msgspec.defstruct("Reference", [(step, kind, msgspec.field(name=step))])
    return kind


def _follow(head: Any, path: list[str]) -> str:
    for step in path:
        head = getattr(head, step)
    return str(head)


def _unreadable(domain: str, error: Exception) -> SimsPrimaryProblem:
    """A page that ends early, or has another shape; the parser's words are left out: they may quote."""
    return SimsPrimaryProblem("source.truncated", detail=f"{domain}: {type(error).__name__}")
