"""Reads a B2B message from XML, pupil by pupil, and refuses what is not one.

A message comes from outside, so nothing in it is trusted: no document type, no entities, nothing
fetched, no more bytes than allowed, and the schema is held against every element as it passes.
What comes out is in canonical form, whoever wrote the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import repeat
from typing import Any, BinaryIO, cast

from lxml import etree

from schoolgate_message import layout, values
from schoolgate_message.blocks import Content, Row, in_canonical_order
from schoolgate_message.groups import BY_ELEMENT, GROUPS
from schoolgate_message.items import DataGroup
from schoolgate_message.message_errors import MessageError, explain, explain_misfit, misfit, too_large
from schoolgate_message.records import (
    DayMarks,
    MatchKeys,
    Message,
    MessageHeader,
    MessagePupil,
    RollEntry,
    RollManifest,
)
from schoolgate_message.schema import schema
from schoolgate_message.sources import DEFAULT_MAX_BYTES, GuardedSource

__all__ = ["DEFAULT_MAX_BYTES", "MessageError", "MessageReader", "check_message", "read_message"]

_Element = etree._Element  # noqa: SLF001 - lxml gives its elements no public name

MAX_PART_BYTES = 16 * 1024 * 1024
"""No header, roll or pupil is larger than this; it keeps memory flat, whatever a file holds."""

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
    """One message: ``header`` and ``roll`` at once, then its pupils by iterating, once.

    Memory stays flat whatever the size of the file.  Raises MessageError, with the line and a
    sentence that never repeats a value, for anything that is not a whole and valid message.  Each
    pupil has been held against the schema when it comes out; that the message as a whole is good is
    known when the iteration has ended, or by ``check_message``.
    """

    def __init__(self, body: BinaryIO | bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
        """Read up to the first pupil."""
        stream = BytesIO(body) if isinstance(body, bytes) else body
        self._source = GuardedSource(stream, max_bytes=max_bytes)
        self._schema = schema()
        self._elements = self._checked_elements()
        self.header: MessageHeader = _header(self._next())
        self.roll: RollManifest = _roll(self._next())

    def __iter__(self) -> Iterator[MessagePupil]:
        """The pupils in the order of the file."""
        return map(_pupil, self._elements)

    def _next(self) -> _Element:
        element = next(self._elements, None)
        if element is None:
            raise misfit(layout.ROOT, "lacks a part it must have", 1)
        return element

    def _checked_elements(self) -> Iterator[_Element]:
        """Header, roll and pupils, in that order and each valid."""
        expected = _expected_places()
        for element in self._parsed_elements():
            parent = element.getparent()
            if parent is None or (parent.tag, element.tag) != next(expected):
                raise misfit(str(element.tag), "is not expected here", _line(element))
            _let_go_before(element, parent)
            self._check(element)
            yield element

    def _parsed_elements(self) -> Iterator[_Element]:
        """Header, Roll and Pupil elements as they end, wherever they stand; then a look at the rest.

        The schema is not given to the parser: lxml then loses errors of form, a file cut short among
        them, and hands out elements before it has judged them.
        """
        parser: etree.XMLPullParser = etree.XMLPullParser(
            events=("end",), tag=("Header", "Roll", "Pupil"), **_PARSER_OPTIONS
        )
        unseen, line = 0, 1
        try:
            while chunk := self._source.read():
                parser.feed(chunk)
                unseen += len(chunk)
                for _, element in parser.read_events():
                    unseen, line = 0, self._source.line
                    yield cast("_Element", element)
                if unseen > MAX_PART_BYTES:
                    raise too_large(MAX_PART_BYTES, "One part of the message", line=line)
            root = parser.close()
        except etree.XMLSyntaxError as error:
            raise explain(error, was_cut_off=self._source.was_cut_off) from None
        self._check_frame(root)

    def _check_frame(self, root: _Element) -> None:
        """Hold against the schema what stands around the pupils, who have been checked."""
        for pupils in root.iterchildren("Pupils"):
            if len(pupils):
                _let_go_before(pupils[-1], pupils)
                if pupils[-1].tag == "Pupil":
                    pupils.remove(pupils[-1])
        self._check(root)

    def _check(self, element: _Element) -> None:
        if not self._schema.validate(element):
            raise explain_misfit(cast("Any", self._schema.error_log), least_line=_line(element))


def _expected_places() -> Iterator[tuple[str, str]]:
    yield layout.ROOT, "Header"
    yield layout.ROOT, "Roll"
    yield from repeat(("Pupils", "Pupil"))


def _line(element: _Element) -> int:
    return cast("int", element.sourceline or 0)


def _let_go_before(element: _Element, parent: _Element) -> None:
    """Let go of the pupils before this one; it may still be held by the parser itself."""
    if element.tag != "Pupil":
        return
    while (earlier := parent[0]) is not element:
        if earlier.tag != "Pupil":
            raise misfit("Pupils", "holds something that is not a pupil", _line(earlier))
        if earlier.tail and not earlier.tail.isspace():
            raise misfit("Pupils", "holds text between the pupils", _line(element))
        del parent[0]


def read_message(body: BinaryIO | bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> Message:
    """Read a whole message into memory; for small ones."""
    reader = MessageReader(body, max_bytes=max_bytes)
    return Message(header=reader.header, roll=reader.roll, pupils=list(reader))


def check_message(body: BinaryIO | bytes, *, max_bytes: int = DEFAULT_MAX_BYTES) -> None:
    """Read a message to its end and keep nothing; raises MessageError where it is not a good one."""
    for _ in MessageReader(body, max_bytes=max_bytes):
        pass


def _header(element: _Element) -> MessageHeader:
    said = {child.tag: (child.text or "").strip() for child in element}
    return MessageHeader(
        base=said["Base"],
        authority=said["Authority"],
        data_type=said["DataType"],
        source=said["Source"],
        created_at=said["CreatedAt"],
        academic_year=int(said["AcademicYear"]),
        since_at=said.get("SinceAt", ""),
        part=int(said["Part"]),
        parts=int(said["Parts"]),
    )


def _roll(element: _Element) -> RollManifest:
    declared = element.get("Declared")
    current = layout.ROLL_STATES[0]
    return RollManifest(
        cohort=tuple(element.get("Cohort", "").split()),
        declared=None if declared is None else int(declared),
        is_complete=element.get("Complete", "").strip() in {"true", "1"},
        pupils=tuple(
            RollEntry(external_id=entry.get("Id", ""), state=entry.get("State", current)) for entry in element
        ),
    )


def _pupil(element: _Element) -> MessagePupil:
    pupil = MessagePupil(keys=_match_keys(element))
    blocks = pupil.blocks
    for child in element:
        tag = child.tag
        read = _READERS.get(tag)
        if read is not None:
            name, read_group = read
            blocks[name] = read_group(child)
        elif tag == "Marks":
            pupil.marks = tuple([_day(day) for day in child])
        else:
            pupil.deleted = tuple(BY_ELEMENT[each].name for each in child.get("Groups", "").split())
    return pupil


def _match_keys(element: _Element) -> MatchKeys:
    get = element.get
    return MatchKeys(
        external_id=get("Id", ""),
        upn=get("UPN", ""),
        family_name=get("Surname", ""),
        given_name=get("Forename", ""),
        date_of_birth=get("DOB", "").strip(),
        sex=get("Sex", ""),
    )


def _day(element: _Element) -> DayMarks:
    get = element.get
    return DayMarks(on=get("Date", "").strip(), am=get("AM"), pm=get("PM"))


def _group_reader(group: DataGroup) -> Callable[[_Element], Content]:
    """Compile a data group's elements once: this is the inner loop of landing a county's pupils."""
    items = {item.element: (item.name, values.converter(item)) for item in group.items}

    def record(element: _Element) -> Row:
        found: Row = {}
        for child in element:
            name, convert = items[child.tag]
            try:
                value = convert(child.text)
            except values.InvalidValueError as error:
                raise misfit(child.tag, error.reason, _line(child)) from None
            if value is not None:
                found[name] = value
        return found

    def rows(element: _Element) -> list[Row]:
        return in_canonical_order([row for row in map(record, element) if row])

    return rows if group.is_list else record


_READERS = {group.element: (group.name, _group_reader(group)) for group in GROUPS}
