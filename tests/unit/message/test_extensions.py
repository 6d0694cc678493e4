"""The one place of a message where anything may stand."""

from __future__ import annotations

import gc
import io
import itertools
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.message.messages import SMALL

from schoolgate_message.extensions import MAX_EXTENSION_BYTES, MAX_NAMES
from schoolgate_message.records import Message, MessagePupil
from schoolgate_message.xml_reader import MAX_PART_BYTES, MessageError, MessageReader, check_message
from schoolgate_message.xml_writer import write_message

BODY = write_message(SMALL)
PLACES = (b"</Header>", b"</Pupil>", b"</B2BStudent>")


def with_extensions(inner: bytes, *places: bytes) -> bytes:
    """The small message with an Extensions element at the end of the first of each of these."""
    body = BODY
    for at in sorted((BODY.index(place) for place in places), reverse=True):
        body = body[:at] + b"<Extensions>" + inner + b"</Extensions>" + body[at:]
    return body


def read(body: bytes) -> tuple[Message, int]:
    """A message, and how many elements stood in its extensions."""
    reader = MessageReader(body)
    pupils: list[MessagePupil] = list(reader)
    return Message(header=reader.header, roll=reader.roll, pupils=pupils), reader.extensions


NAMES = st.sampled_from(
    ["Pupil", "Pupils", "Header", "Roll", "Extensions", "B2BStudent", "Marks", "Kept", "x", "ärger", "a.b-c"]
)
TEXTS = st.sampled_from(["", " ", "\n", "Bob & <Alice>", "]]&gt;", "é", "\U0001f600"])


def written(name: str, attribute: str, inner: list[str], text: str) -> str:
    said = text.replace("&gt;", ">").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<{name} {attribute}="{said}">{said}{"".join(inner)}</{name}>'


TREES = st.recursive(
    st.builds(written, NAMES, NAMES, st.just([]), TEXTS),
    lambda trees: st.builds(written, NAMES, NAMES, st.lists(trees, max_size=3), TEXTS),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=200, deadline=None)
@given(st.lists(TREES, max_size=3), st.sets(st.sampled_from(PLACES), min_size=1))
def test_reads_the_message_as_if_they_were_not_there_and_counts_them(trees, places):
    got, count = read(with_extensions("".join(trees).encode(), *places))
    assert got == SMALL
    assert count == len(trees) * len(places)


def test_takes_names_of_a_namespace():
    inner = b'<a:Dinner xmlns:a="https://agent.invalid/" a:Paid="yes"><a:Pupil Id="a-1"/></a:Dinner>'
    assert read(with_extensions(inner, *PLACES)) == (SMALL, 3)


@pytest.mark.parametrize(
    "place", [b"</Roll>", b"</Pupils>", b"</Marks>", b"</Address>", b"</Contact>", b"</Kept>", b"<Header>"]
)
def test_stand_nowhere_else(place):
    body = BODY.replace(b"</Header>", b"<Kept></Kept></Header>")
    assert check_message(body) is None
    with pytest.raises(MessageError) as refusal:
        check_message(body.replace(place, b"<Extensions/>" + place, 1))
    assert refusal.value.code == "message.schema"


@pytest.mark.parametrize(
    "inner",
    [b"<a>", b"</a>", b"<a></b>", b"&nbsp;", b"<x:a/>", b"<!DOCTYPE a>", b"<a b='1' b='2'/>", b"\x01"],
)
@pytest.mark.parametrize("place", PLACES)
def test_must_be_xml_all_the_same(inner, place):
    with pytest.raises(MessageError) as refusal:
        check_message(with_extensions(inner, place))
    assert refusal.value.code in {"message.malformed", "message.entity", "message.schema"}


@pytest.mark.parametrize(
    ("place", "row"),
    [
        *itertools.product(PLACES, [b"text ", b"<a><b/></a>", b"<a b=''/>"]),
        (b"</Pupil>", b"<Pupil/>"),
        (b"</B2BStudent>", b"<Extensions/>"),
    ],
)
def test_are_taken_up_to_a_megabyte_each_and_refused_beyond(place, row):
    check_message(with_extensions(row * ((MAX_EXTENSION_BYTES - 100) // len(row)), place))
    with pytest.raises(MessageError) as refusal:
        check_message(with_extensions(row * (MAX_EXTENSION_BYTES * 2 // len(row)), place))
    assert refusal.value.code == "message.too_large"
    assert "Extensions is larger than the 1,048,576 bytes allowed" in refusal.value.sentence


def test_may_stand_in_every_pupil_of_a_large_file():
    inner = b"<Extensions><Dinner Paid='yes'/></Extensions></Pupil>"
    _, count = read(BODY.replace(b"</Pupil>", inner))
    assert count == 2


@pytest.mark.parametrize("is_attribute", [True, False])
def test_have_no_more_different_names_than_the_parser_can_be_asked_to_remember(is_attribute):
    def names(count: int) -> bytes:
        return b"".join((b'<a n%d=""/>' if is_attribute else b"<n%d/>") % number for number in range(count))

    check_message(with_extensions(names(MAX_NAMES - 1), *PLACES))
    with pytest.raises(MessageError) as refusal:
        check_message(with_extensions(names(MAX_NAMES + 1), PLACES[0]))
    assert refusal.value.code == "message.too_large"
    assert "more than 1,000 different names" in refusal.value.sentence


class Endless(io.RawIOBase):
    """Bytes that go on and on after a beginning, made as they are asked for."""

    def __init__(self, beginning: bytes, row: bytes, size: int) -> None:
        self._pieces = self._made(beginning, row, size)
        self.given = 0

    def _made(self, beginning: bytes, row: bytes, size: int) -> Iterator[bytes]:
        yield beginning
        many = row * (65_536 // len(row))
        for _ in range(size // len(many)):
            yield many

    def read(self, size: int = -1) -> bytes:
        piece = next(self._pieces, b"")
        self.given += len(piece)
        return piece


@pytest.mark.parametrize(
    ("place", "row"), [*itertools.product(PLACES, [b"<a/>", b"x" * 64]), (b"</Pupil>", b"<Pupil/>")]
)
def test_of_64_megabytes_are_refused_before_they_are_read_and_held(place, row):
    beginning = BODY[: BODY.index(place)] + b"<Extensions>"
    stream = Endless(beginning, row, 64 * 1024 * 1024)
    tracemalloc.start()
    with pytest.raises(MessageError) as refusal:
        check_message(stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refusal.value.code == "message.too_large"
    assert stream.given < MAX_PART_BYTES / 2
    assert peak < MAX_EXTENSION_BYTES * 4


def resident() -> int:
    """Bytes of memory this process has: the parser's are not Python's to trace."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


@pytest.mark.parametrize("place", PLACES)
def test_let_go_of_what_was_refused_at_once(place):
    beginning = BODY[: BODY.index(place)] + b"<Extensions>"
    gc.disable()
    try:
        held = []
        for _ in range(6):
            with pytest.raises(MessageError):
                check_message(Endless(beginning, b"<a/>", 64 * 1024 * 1024))
            held.append(resident())
    finally:
        gc.enable()
    assert held[-1] - held[0] < 40 * 1024 * 1024, "one refused tree is some 32 MB"
