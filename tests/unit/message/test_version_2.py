"""What version 2 of the message adds, and that version 1 is read as before."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.message.messages import HEADER, PUPILS, ROLL, SMALL, VERSION_1, ZOE

from schoolgate_message import groups
from schoolgate_message.blocks import content_hash
from schoolgate_message.records import AttendanceWindow, KeptBack, Message
from schoolgate_message.xml_reader import MessageError, MessageReader, check_message, read_message
from schoolgate_message.xml_writer import write_message

SAID = msgspec.structs.replace(
    HEADER,
    maker="Schoolgate agent",
    maker_version="0.2.0",
    message_id="8201079-77",
    read_from="2025-09-01T02:00:00Z",
    read_until="2025-09-01T03:10:00+01:00",
    kept_back={
        "address": KeptBack(unchanged=40, left_out={"cohort.leaver": 2}, who={"cohort.leaver": ("a-7",)}),
        "attendance": KeptBack(unchanged=1900),
    },
    whole_windows=(
        AttendanceWindow(from_on="2025-09-01", until_on="2025-09-06"),
        AttendanceWindow(from_on="2025-07-01", until_on="2025-09-01", codes=("/", "\\", "C1")),
    ),
)
WITH_IDS = msgspec.structs.replace(ZOE, row_ids={"contacts": ("c-1",)})
BODY = write_message(Message(header=SAID, roll=ROLL, pupils=[WITH_IDS]))


def test_reads_a_message_of_version_1_as_before():
    reader = MessageReader(VERSION_1)
    assert (reader.version, reader.header, reader.roll) == ("1.0", SMALL.header, SMALL.roll)
    assert list(reader) == SMALL.pupils


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=25, deadline=None)
@given(st.lists(PUPILS, max_size=3))
def test_reads_the_same_of_either_version_where_both_can_say_it(pupils):
    without_ids = [msgspec.structs.replace(pupil, row_ids={}) for pupil in pupils]
    message = Message(header=HEADER, roll=ROLL, pupils=without_ids)
    body = write_message(message)
    assert read_message(body.replace(b'Version="2.0"', b'Version="1.0"', 1)) == message


def test_writes_version_2():
    assert MessageReader(write_message(SMALL)).version == "2.0"


def test_carries_who_made_it_what_was_kept_back_and_which_days_are_whole():
    got = read_message(BODY)
    assert got.header == SAID
    assert got.pupils == [WITH_IDS]


def test_counts_nothing_unchanged_where_the_maker_says_nothing_of_it():
    got = read_message(BODY.replace(b' Unchanged="40"', b""))
    assert got.header.kept_back["address"].unchanged == 0


def test_makes_the_same_block_of_rows_with_ids_and_without():
    with_ids, without = (read_message(each).pupils[0] for each in (BODY, write_message(SMALL)))
    for name, content in without.blocks.items():
        group = groups.BY_NAME[name]
        assert content_hash(group, with_ids.blocks[name]) == content_hash(group, content)
    assert (with_ids.row_ids, without.row_ids) == ({"contacts": ("c-1",)}, {})


@pytest.mark.parametrize(
    "addition",
    [
        b"<Maker>Agent</Maker>",
        b"<MessageId>1</MessageId>",
        b"<ReadFrom>2025-09-01T02:00:00Z</ReadFrom>",
        b"<Kept/>",
        b"<Attendance/>",
        b"<Extensions/>",
    ],
)
def test_refuses_in_version_1_what_only_version_2_has(addition):
    with pytest.raises(MessageError) as refusal:
        check_message(VERSION_1.replace(b"</Header>", addition + b"</Header>"))
    assert refusal.value.code == "message.schema"
    assert refusal.value.line == 3


def test_refuses_row_ids_in_version_1():
    with pytest.raises(MessageError, match="attribute Id of the element Contact has"):
        check_message(VERSION_1.replace(b"<Contact>", b'<Contact Id="c-1">'))


def test_says_of_an_unknown_version_which_are_read():
    with pytest.raises(MessageError) as refusal:
        check_message(BODY.replace(b'Version="2.0"', b'Version="3.0"', 1))
    assert refusal.value.code == "message.version"
    assert refusal.value.sentence == "The message is not of a version that is read here: 1.0 and 2.0 are."


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        (b"<Part>1</Part>", b"<Part>2</Part>", "element Kept may stand in the first part alone"),
        (b'Name="Attendance"', b'Name="Address"', "element Group stands twice for one data group"),
        (b'Name="Attendance"', b'Name="Everything"', "attribute Name of the element Group is none of"),
        (b'Unchanged="40"', b'Unchanged="-40"', "attribute Unchanged of the element Group is not"),
        (b"</LeftOut>", b'<Who Id="a-8"/><Who Id="a-9"/></LeftOut>', "names more pupils than it counts"),
        (
            b"</LeftOut>",
            b'</LeftOut><LeftOut Reason="cohort.leaver" Count="1"/>',
            "element LeftOut stands twice for one reason",
        ),
        (
            b'Reason="cohort.leaver"',
            b'Reason="Zoe has left"',
            "attribute Reason of the element LeftOut is not",
        ),
        (b'Until="2025-09-06"', b'Until="2025-09-01"', "element Window ends before it begins"),
        (b'From="2025-07-01"', b'From="2025-06-31"', "attribute From of the element Window is not"),
        (b"2025-09-01T02:00:00Z", b"2025-09-01T02:00:00", "element ReadFrom is not"),
        (b"2025-09-01T02:00:00Z", b"12025-09-01T02:00:00Z", "element ReadFrom is not"),
        (b"<MessageId>8201079-77", b"<MessageId>" + b"8" * 61, "element MessageId is longer than allowed"),
        (b"<MakerVersion>", b"<Colour>red</Colour><MakerVersion>", "An element that no message has"),
        (b"<Kept>", b'<Kept Colour="red">', "The element Kept has an attribute that is not known"),
        (b'Contact Id="c-1"', b'Contact Id=""', "attribute Id of the element Contact is empty"),
        (b"<Address>", b'<Address Id="a-1">', "attribute Id of the element Address has"),
    ],
)
def test_refuses_what_contradicts_itself_or_has_no_place(was, becomes, words):
    assert was in BODY
    with pytest.raises(MessageError) as refusal:
        check_message(BODY.replace(was, becomes, 1))
    assert refusal.value.code == "message.schema"
    assert words in refusal.value.sentence
    assert refusal.value.line
