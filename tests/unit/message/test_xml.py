"""Writing and reading the B2B message."""

from __future__ import annotations

import io
import tracemalloc

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.message.messages import HEADER, HEADERS, PUPILS, ROLL, SMALL, UNKNOWN, ZOE

from schoolgate_message import groups
from schoolgate_message.blocks import InvalidValueError, canonical
from schoolgate_message.message_errors import KINDS
from schoolgate_message.records import (
    AttendanceWindow,
    DayMarks,
    KeptBack,
    MatchKeys,
    Message,
    MessagePupil,
    RollEntry,
    RollManifest,
)
from schoolgate_message.xml_reader import MessageError, MessageReader, check_message, read_message
from schoolgate_message.xml_writer import MessageWriter, write_message

BODY = write_message(SMALL)


def test_reads_what_it_wrote():
    assert read_message(BODY) == SMALL


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)
@given(st.lists(PUPILS, max_size=3))
def test_carries_any_canonical_content_unchanged(pupils):
    message = Message(header=HEADER, roll=ROLL, pupils=pupils)
    assert read_message(write_message(message)) == message


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=100, deadline=None)
@given(HEADERS)
def test_carries_any_header_unchanged(header):
    message = Message(header=header, roll=ROLL, pupils=[])
    assert read_message(write_message(message)) == message


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50, deadline=None)
@given(PUPILS)
def test_hands_out_content_that_is_already_canonical(pupil):
    for got in read_message(write_message(Message(header=HEADER, roll=ROLL, pupils=[pupil]))).pupils:
        for name, content in got.blocks.items():
            assert canonical(groups.BY_NAME[name], content) == content


def test_brings_a_stranger_s_file_into_canonical_form():
    body = BODY.replace(
        b"<SENneeds><SENneed><SENtypeRank>1",
        b"<SENneeds><SENneed><SENtypeRank>9</SENtypeRank></SENneed><SENneed/><SENneed><SENtypeRank> +01 ",
    )
    body = body.replace(b"<Responsibility>true", b"<Responsibility>1").replace(
        b"<Surname>O'Neil", b"<Surname>\n O'Neil "
    )
    body = body.replace("Zoë</Forename>".encode(), "Zoe\u0308</Forename>".encode())
    blocks = read_message(body).pupils[0].blocks
    assert blocks["sen_needs"] == [{"need_type": "SLCN", "rank": 1}, {"rank": 9}]
    assert blocks["contacts"] == ZOE.blocks["contacts"]
    assert blocks["basic_details"] == ZOE.blocks["basic_details"]


def test_gives_header_and_roll_before_the_pupils():
    reader = MessageReader(io.BytesIO(BODY))
    assert (reader.header, reader.roll) == (HEADER, ROLL)
    assert [pupil.keys.external_id for pupil in reader] == ["a-1", "a-2"]


def test_keeps_apart_no_declared_count_and_a_count_of_none():
    for declared in (None, 0):
        roll = RollManifest(declared=declared)
        assert read_message(write_message(Message(header=HEADER, roll=roll, pupils=[]))).roll == roll


def test_keeps_apart_an_empty_group_and_one_not_sent():
    got = read_message(BODY).pupils[0].blocks
    assert got["free_school_meals"] == []
    assert "sen_provisions" not in got


def test_counts_pupils_and_bytes_as_it_writes():
    out = io.BytesIO()
    writer = MessageWriter(out, header=HEADER, roll=ROLL)
    writer.add(ZOE)
    writer.close()
    assert (writer.pupils, writer.size) == (1, len(out.getvalue()))


def _with_ids(*ids: str) -> MessagePupil:
    """Somebody with one contact and these ids of contacts."""
    contacts = [{"family_name": "Lowe"}]
    return MessagePupil(
        keys=MatchKeys(external_id="1"), blocks={"contacts": contacts}, row_ids={"contacts": ids}
    )


@pytest.mark.parametrize(
    ("pupil", "item"),
    [
        (MessagePupil(keys=MatchKeys(external_id="")), "external_id"),
        (MessagePupil(keys=MatchKeys(external_id="x" * 61)), "external_id"),
        (MessagePupil(keys=MatchKeys(external_id="1", family_name="x" * 36)), "family_name"),
        (MessagePupil(keys=MatchKeys(external_id="1", given_name="a\x0bb")), "given_name"),
        (
            MessagePupil(keys=MatchKeys(external_id="1"), blocks={"basic_details": {"given_name": "a\x00"}}),
            "given_name",
        ),
        (MessagePupil(keys=MatchKeys(external_id="1"), blocks={"contacts": [{"title": "\ud800"}]}), "title"),
        (MessagePupil(keys=MatchKeys(external_id="1"), blocks={"contacts": [{"title": "\uffff"}]}), "title"),
        (MessagePupil(keys=MatchKeys(external_id="1"), blocks={"attendance": {}}), "blocks"),
        (MessagePupil(keys=MatchKeys(external_id="1"), blocks={"contacts": {}}), "contacts"),
        (MessagePupil(keys=MatchKeys(external_id="1"), blocks={"address": {"town_name": "x"}}), "address"),
        (MessagePupil(keys=MatchKeys(external_id="1"), deleted=("nothing",)), "deleted"),
        (_with_ids("c-1", "c-2"), "contacts"),
        (_with_ids("x" * 61), "contacts"),
        (_with_ids("a\x00"), "contacts"),
        (
            MessagePupil(
                keys=MatchKeys(external_id="1"), blocks={"address": {}}, row_ids={"address": ("a-1",)}
            ),
            "address",
        ),
        (MessagePupil(keys=MatchKeys(external_id="1"), marks=(DayMarks(on="2025-09-01", am=""),)), "marks"),
        (
            MessagePupil(keys=MatchKeys(external_id="1"), marks=(DayMarks(on="2025-09-01", am="a b"),)),
            "marks",
        ),
        (MessagePupil(keys=MatchKeys(external_id="1"), marks=(DayMarks(on="1/9/2025", am="/"),)), "date"),
    ],
)
def test_refuses_to_write_what_nobody_could_read(pupil, item):
    out = io.BytesIO()
    writer = MessageWriter(out, header=HEADER, roll=ROLL)
    before = out.getvalue()
    with pytest.raises(InvalidValueError) as refusal:
        writer.add(pupil)
    assert refusal.value.item == item
    assert (out.getvalue(), writer.pupils) == (before, 0)


@pytest.mark.parametrize(
    ("changed", "item"),
    [
        ({"maker": "x" * 61}, "maker"),
        ({"maker_version": "x" * 41}, "maker_version"),
        ({"message_id": "x" * 61}, "message_id"),
        ({"kept_back": {"everything": KeptBack()}}, "kept_back"),
        ({"whole_windows": (AttendanceWindow(from_on="1/9/2025", until_on="2025-09-02"),)}, "date"),
    ],
)
def test_refuses_to_write_a_header_that_nobody_could_read(changed, item):
    with pytest.raises(InvalidValueError) as refusal:
        MessageWriter(io.BytesIO(), header=msgspec.structs.replace(HEADER, **changed), roll=ROLL)
    assert refusal.value.item == item


DEEP = b"<a>" * 400
FAULTS = [
    ("message.truncated", BODY[: len(BODY) // 2], 10),
    ("message.truncated", BODY[:-5], 21),
    ("message.truncated", BODY[: BODY.index(b"<Pupils>")], 8),
    ("message.truncated", BODY[:70], 3),
    ("message.truncated", BODY[:20], 1),
    ("message.truncated", b"", 1),
    ("message.doctype", BODY.replace(b"<B2B", b'<!DOCTYPE x SYSTEM "file:///etc/passwd">\n<B2B', 1), 2),
    ("message.doctype", BODY.replace(b"<B2B", b'<!DOCTYPE x [<!ENTITY a "aaa">]>\n<B2B', 1), 2),
    ("message.entity", BODY.replace(b"MK40 1AA", b"&postcode;"), 11),
    ("message.encoding", BODY.replace("Zoë".encode(), "Zoë".encode("latin-1")), 9),
    ("message.encoding", BODY.replace(b"UTF-8", b"ISO-8859-1", 1), 1),
    ("message.encoding", BODY.decode().encode("utf-16"), 1),
    ("message.malformed", BODY.replace(b"</Street>", b"</Strete>"), 11),
    ("message.malformed", BODY + b"<more/>", 22),
    ("message.malformed", BODY.replace(b"MK40", b"\x01"), 11),
    ("message.too_large", BODY.replace(b"<Pupils>", b"<Pupils>" + DEEP), 8),
    ("message.too_large", BODY.replace(b"MK40", b"M" * 11_000_000), 11),
    ("message.schema", b"<html><body>Sign in</body></html>", 1),
    ("message.schema", b'{"pupils": []}', 1),
    ("message.version", BODY.replace(b'Version="2.0"', b'Version="9.9"', 1), 2),
    ("message.version", BODY.replace(b' Version="2.0"', b"", 1), 2),
    ("message.schema", BODY.replace(b"<Street>", b"<Strasse>").replace(b"</Street>", b"</Strasse>"), 11),
    (
        "message.schema",
        BODY.replace(b"<PostCode>", b"<Town>Bedford</Town><PostCode>").replace(
            b"<Street>", b"<Town>x</Town><Street>"
        ),
        11,
    ),
    ("message.schema", BODY.replace(b"2016-02-29", b"2015-02-29"), 10),
    ("message.schema", BODY.replace(b"MK40 1AA", b"MK40 1AA MK40"), 11),
    ("message.schema", BODY.replace(b"<SENtypeRank>1", b"<SENtypeRank>first"), 13),
    ("message.schema", BODY.replace(b"<Responsibility>true", b"<Responsibility>yes"), 12),
    ("message.schema", BODY.replace(b'Pupil Id="a-2"', b"Pupil"), 18),
    ("message.schema", BODY.replace(b'Pupil Id="a-2"', b'Pupil Id="a-2" GUID="7"'), 18),
    ("message.schema", BODY.replace(b'State="Leaver"', b'State="Gone"'), 6),
    ("message.schema", BODY.replace(b"snapshot", b"everything"), 3),
    ("message.schema", BODY.replace(b'Groups="Exclusions"', b'Groups="Nothing"'), 15),
    ("message.schema", BODY.replace(b'AM="-"', b'AM="- -"'), 16),
    ("message.schema", BODY.replace(b'<Pupil Id="a-2"', b'surprise<Pupil Id="a-2"'), 18),
    ("message.schema", BODY.replace(b'<Pupil Id="a-2"', b'<Puppy/><Pupil Id="a-2"'), 18),
    ("message.schema", BODY.replace(b"</Pupils>", b"<Puppy/></Pupils>"), 20),
    ("message.schema", BODY.replace(b"</Pupils>", b"</Pupils><Pupils/>"), 20),
    ("message.schema", BODY.replace(b"<Header>", b"<Roll/><Header>"), 3),
    ("message.schema", b'<B2BStudent Version="2.0"/>', 1),
]


@pytest.mark.parametrize(("code", "body", "line"), FAULTS, ids=range(len(FAULTS)))
def test_refuses_a_bad_message_with_code_and_line(code, body, line):
    with pytest.raises(MessageError) as refusal:
        check_message(body)
    assert (refusal.value.code, refusal.value.line) == (code, line)
    assert refusal.value.sentence.endswith(".")
    assert refusal.value.remedy


@pytest.mark.parametrize("body", [body for _, body, _ in FAULTS], ids=range(len(FAULTS)))
def test_never_repeats_what_stood_in_the_file(body):
    with pytest.raises(MessageError) as refusal:
        check_message(body)
    said = str(refusal.value) + refusal.value.remedy
    for secret in (
        "Neil",
        "Zo",
        "MK40",
        "2015",
        "Strasse",
        "Puppy",
        "first",
        "Gone",
        "everything",
        "passwd",
        "9.9",
    ):
        assert secret not in said


def test_has_a_meaning_for_every_code():
    assert {code for code, _, _ in FAULTS} == KINDS.keys()


def test_hands_out_no_pupil_that_does_not_fit_the_schema():
    body = BODY.replace(b"<SENtypeRank>1", b"<SENtypeRank>first")
    got = iter(MessageReader(body))
    with pytest.raises(MessageError):
        next(got)


def test_refuses_more_bytes_than_allowed():
    with pytest.raises(MessageError) as refusal:
        check_message(BODY, max_bytes=len(BODY) - 1)
    assert refusal.value.code == "message.too_large"
    check_message(BODY, max_bytes=len(BODY))


def test_takes_a_byte_order_mark_and_a_file_without_declaration():
    assert read_message(b"\xef\xbb\xbf" + BODY) == SMALL
    assert read_message(BODY.split(b"\n", 1)[1]) == SMALL


def test_finds_the_line_in_a_long_file():
    many = [
        msgspec.structs.replace(UNKNOWN, keys=MatchKeys(external_id=str(number))) for number in range(40_000)
    ]
    body = write_message(Message(header=HEADER, roll=ROLL, pupils=[*many, ZOE]))
    with pytest.raises(MessageError) as refusal:
        check_message(body.replace(b"MK40 1AA", b"MK40 1AA MK40"))
    assert refusal.value.line == 80_011


def test_holds_no_more_of_a_large_file_than_of_a_small_one():
    peaks = []
    for size in (500, 5_000):
        roll = RollManifest(pupils=(RollEntry(external_id="1"),))
        body = write_message(Message(header=HEADER, roll=roll, pupils=[ZOE] * size))
        tracemalloc.start()
        check_message(io.BytesIO(body))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
