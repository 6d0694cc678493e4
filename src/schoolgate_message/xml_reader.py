"""Reads a B2B message from XML, pupil by pupil, and refuses what is not one.

A message comes from outside, so nothing in it is trusted: no document type, no entities, nothing
fetched, no more bytes than allowed, and the schema is held against every element as it passes.
What comes out is in canonical form, whoever wrote the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import repeat
from typing import Any, BinaryIO, cast

from lxml import etree

from schoolgate_message import layout
from schoolgate_message.extensions import Extensions, is_extensions
from schoolgate_message.message_errors import (
    MessageError,
    explain,
    explain_misfit,
    misfit,
    too_large,
    unknown_version,
)
from schoolgate_message.records import Message, MessageHeader, MessagePupil, RollManifest
from schoolgate_message.schema import schema
from schoolgate_message.sources import DEFAULT_MAX_BYTES, GuardedSource
from schoolgate_message.xml_elements import Element, line_of
from schoolgate_message.xml_records import header_of, pupil_of, roll_of

__all__ = ["DEFAULT_MAX_BYTES", "MessageError", "MessageReader", "check_message", "read_message"]

MAX_PART_BYTES = 4 * 1024 * 1024
"""No header, roll or pupil is larger than this; it keeps memory flat, whatever a file holds."""

_WATCHED = (layout.ROOT, "Header", "Roll", "Pupil", layout.EXTENSIONS)

_PARSER_OPTIONS: dict[str, Any] = {
    # Without it an unknown entity goes unreported; with no document type there is none to resolve.
    "resolve_entities": "internal",
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class MessageReader:
    """One message: ``version``, ``header`` and ``roll`` at once, then its pupils by iterating, once.

    Memory stays flat whatever the size of the file.  Raises MessageError, with the line and a
    sentence that never repeats a value, for anything that is not a whole and valid message.  Each
    pupil has been held against the schema when it comes out; that the message as a whole is good is
    known when the iteration has ended, or by ``check_message``.
    """

    def __init__(self, body: BinaryIO | bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        """Read up to the first pupil."""
        stream = BytesIO(body) if isinstance(body, bytes) else body
        self._source = GuardedSource(stream, max_bytes=max_bytes)
        self._extensions = Extensions()
        self._root: Element | None = None
        self.version = ""
        self._elements = self._checked_elements()
        self.header: MessageHeader = header_of(self._next())
        self.roll: RollManifest = roll_of(self._next())

    @property
    def extensions(self) -> int:
        """How many elements have stood in Extensions so far; all of them when the iteration has ended."""
        return self._extensions.count

    def __iter__(self) -> Iterator[MessagePupil]:
        """The pupils in the order of the file."""
        return map(pupil_of, self._elements)

    def _next(self) -> Element:
        element = next(self._elements, None)
        if element is None:
            raise misfit(layout.ROOT, "lacks a part it must have", 1)
        return element

    def _checked_elements(self) -> Iterator[Element]:
        """Header, roll and pupils, in that order and each valid."""
        expected = _expected_places()
        for element in self._parsed_elements():
            parent = element.getparent()
            if parent is None or (parent.tag, element.tag) != next(expected):
                raise misfit(str(element.tag), "is not expected here", line_of(element))
            if not self.version:
                self._settle_version(parent)
            _let_go_before(element, parent)
            self._check(element)
            yield element

    def _settle_version(self, root: Element) -> None:
        """The message's root says which schema is held against its parts."""
        said = root.get("Version")
        if said not in layout.VERSIONS:
            raise unknown_version(line_of(root))
        self.version = said
        self._schema = schema(said)

    def _parsed_elements(self) -> Iterator[Element]:
        """Header, Roll and Pupil elements as they end, wherever they stand; then a look at the rest.

        The schema is not given to the parser: lxml then loses errors of form, a file cut short among
        them, and hands out elements before it has judged them.
        """
        parser: etree.XMLPullParser = etree.XMLPullParser(
            events=("start", "end"), tag=_WATCHED, **_PARSER_OPTIONS
        )
        unseen, line = 0, 1
        try:
            while chunk := self._source.read():
                self._extensions.pass_by(len(chunk))
                parser.feed(chunk)
                unseen += len(chunk)
                for event, element in parser.read_events():
                    if self._is_part(event, cast("Element", element)):
                        unseen, line = 0, self._source.line
                        yield cast("Element", element)
                if unseen > MAX_PART_BYTES:
                    raise too_large(MAX_PART_BYTES, "One part of the message", line=line)
            self._check_frame(parser.close())
        except etree.XMLSyntaxError as error:
            raise explain(error, was_cut_off=self._source.was_cut_off) from None
        finally:
            if self._root is not None:
                _let_go_of_all(self._root)

    def _is_part(self, event: str, element: Element) -> bool:
        """Whether a part of the message has ended: its header, its roll or a pupil."""
        if self._root is None:
            self._root = element.getroottree().getroot()
        if is_extensions(element):
            if event == "start":
                self._extensions.begin(element)
            else:
                self._extensions.end(element)
            return False
        return event == "end" and element is not self._root and not self._extensions.is_open

    def _check_frame(self, root: Element) -> None:
        """Hold against the schema what stands around the pupils, who have been checked."""
        for pupils in root.iterchildren("Pupils"):
            if len(pupils):
                _let_go_before(pupils[-1], pupils)
                if pupils[-1].tag == "Pupil":
                    pupils.remove(pupils[-1])
        if not self.version:
            self._settle_version(root)
        self._check(root)

    def _check(self, element: Element) -> None:
        if not self._schema.validate(element):
            raise explain_misfit(cast("Any", self._schema.error_log), least_line=line_of(element))


def _expected_places() -> Iterator[tuple[str, str]]:
    yield layout.ROOT, "Header"
    yield layout.ROOT, "Roll"
    yield from repeat(("Pupils", "Pupil"))


def _let_go_before(element: Element, parent: Element) -> None:
    """Let go of the pupils before this one; it may still be held by the parser itself."""
    if element.tag != "Pupil":
        return
    while (earlier := parent[0]) is not element:
        if earlier.tag != "Pupil":
            raise misfit("Pupils", "holds something that is not a pupil", line_of(earlier))
        if earlier.tail and not earlier.tail.isspace():
            raise misfit("Pupils", "holds text between the pupils", line_of(element))
        del parent[0]


def _let_go_of_all(root: Element) -> None:
    """Empty what is left of a tree; the parser and its open elements would hold a refused one for long."""
    path = [root]
    while len(path[-1]):
        path.append(path[-1][-1])
    for element in reversed(path):
        element.clear()


def read_message(body: BinaryIO | bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Message:
    """Read a whole message into memory; for small ones."""
    reader = MessageReader(body, max_bytes=max_bytes)
    return Message(header=reader.header, roll=reader.roll, pupils=list(reader))


def check_message(body: BinaryIO | bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
    """Read a message to its end and keep nothing; raises MessageError where it is not a good one."""
    for _ in MessageReader(body, max_bytes=max_bytes):
        pass
