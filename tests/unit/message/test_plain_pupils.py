"""Reading our own writer's pupils without a parser: the same answers as with one, whatever the bytes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.message.messages import HEADER, PUPILS, ROLL, SMALL, ZOE

from schoolgate_message.message_errors import MessageError
from schoolgate_message.plain_pupils import BEGINNING, END, read_pupil
from schoolgate_message.records import DayMarks, MatchKeys, Message, MessagePupil
from schoolgate_message.xml_reader import MessageReader
from schoolgate_message.xml_writer import write_message

PLAIN = MessagePupil(
    keys=MatchKeys(external_id="a-3", upn="H801200001003", family_name="Neil", date_of_birth="2016-02-29"),
    blocks={
        "identifiers": {"upn": "H801200001003"},
        "basic_details": {"family_name": "Neil", "given_name": "Ann Marie", "date_of_birth": "2016-02-29"},
        "contacts": [
            {"family_name": "Abel", "has_responsibility": True, "priority": 2},
            {"family_name": "Neil", "has_responsibility": False, "priority": 1},
        ],
        "free_school_meals": [],
        "service_child": {},
        "suspensions": [{"start_on": "2026-03-02", "school_days": "2.5"}],
    },
    marks=(DayMarks(on="2025-09-03", am="/", pm="\\"), DayMarks(on="2025-09-04", am="-", pm="C1")),
)
BODY = write_message(Message(header=HEADER, roll=ROLL, pupils=[PLAIN, ZOE, PLAIN]))


def written(pupil):
    body = write_message(Message(header=HEADER, roll=ROLL, pupils=[pupil]))
    return body[body.index(BEGINNING) : body.index(END) + len(END)]


def outcome(body):
    """What reading comes to: the whole message, or nothing, for it is refused.

    Of several faults either way may meet another one first, since the parser looks ahead.
    """
    try:
        reader = MessageReader(body)
        return reader.header, reader.roll, list(reader)
    except MessageError:
        return None


def line_of_fault(body):
    with pytest.raises(MessageError) as refusal:
        list(MessageReader(body))
    return refusal.value.line


def by_parser(body):
    """The same with the parser alone: our writer never writes this space."""
    return outcome(body.replace(b"<Pupils>\n", b"<Pupils >\n", 1))


def test_reads_a_pupil_as_we_write_it_without_the_parser():
    assert read_pupil(written(PLAIN)) == PLAIN


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=150, deadline=None)
@given(st.lists(PUPILS, max_size=3))
def test_reads_whatever_we_write_as_the_parser_does(pupils):
    body = write_message(Message(header=HEADER, roll=ROLL, pupils=[PLAIN, *pupils, PLAIN]))
    assert outcome(body) == by_parser(body) == (HEADER, ROLL, [PLAIN, *pupils, PLAIN])


FRAGMENTS = st.sampled_from(
    [
        *(
            b"<!--",
            b"-->",
            b"<![CDATA[",
            b"]]>",
            b"<?x",
            b"?>",
            b"&amp;",
            b"&x;",
            b"<",
            b">",
            b'"',
            b"/",
            b" ",
        ),
        *(
            b"\n",
            b"\r",
            b"\t",
            b"\x00",
            b"\xff",
            b"\xc2\xa0",
            b"\xef\xbf\xbf",
            b"e\xcc\x81",
            b"0",
            b"-",
            b"x",
        ),
        *(
            b"</Pupil>\n",
            b'<Pupil Id="x">\n',
            b"</Pupils>",
            b"<Pupils>\n",
            b"<Surname>",
            b"</Surname>",
            b"<Puppy/>",
        ),
        *(b"2015-02-29", b"999999999999", b"true", b"maybe", b"x" * 200, b""),
    ]
)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(BODY)), st.integers(0, 12), FRAGMENTS), min_size=1, max_size=3))
def test_answers_as_the_parser_does_whatever_was_done_to_a_message(changes):
    body = BODY
    for at, length, fragment in changes:
        body = body[:at] + fragment + body[at + length :]
    assert outcome(body) == by_parser(body)


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=300, deadline=None)
@given(st.integers(BODY.index(b"<Pupils>"), len(BODY)), st.integers(0, 3), FRAGMENTS)
def test_answers_as_the_parser_does_whatever_was_done_to_a_pupil(at, length, fragment):
    body = BODY[:at] + fragment + BODY[at + length :]
    assert outcome(body) == by_parser(body)


@pytest.mark.parametrize(
    ("around", "where"),
    [
        ((b"<!-- ", b" -->"), b"<Pupil "),
        ((b"<?x ", b"?>"), b"<Pupil "),
        ((b"<Town>", b"</Town>"), b"<Pupil "),
        ((b"<![CDATA[", b"]]>"), b"<Pupil "),
    ],
)
def test_never_takes_what_is_hidden_for_a_pupil(around, where):
    hidden = around[0] + written(PLAIN) + written(PLAIN) + around[1]
    for body in (BODY.replace(where, hidden + where, 1), BODY.replace(b"<Header>", hidden + b"<Header>", 1)):
        assert outcome(body) == by_parser(body)


def test_leaves_a_pupil_another_writer_wrote_to_the_parser_and_goes_on():
    body = BODY.replace(b'<Pupil Id="a-3" UPN="H801200001003"', b'<Pupil UPN="H801200001003" Id="a-3"', 1)
    assert outcome(body) == (HEADER, ROLL, [PLAIN, ZOE, PLAIN])


def test_tells_the_line_of_a_fault_behind_pupils_the_parser_never_saw():
    body = write_message(Message(header=HEADER, roll=ROLL, pupils=[PLAIN] * 50))
    at = body.rindex(b"2016-02-29</")
    body = body[:at] + b"2015" + body[at + 4 :]
    assert line_of_fault(body) == body[:at].count(b"\n") + 1


def test_reads_a_message_that_comes_in_small_pieces():
    class Slow:
        def __init__(self, body):
            self.body = body

        def read(self, _size):
            piece, self.body = self.body[:7], self.body[7:]
            return piece

    assert outcome(Slow(BODY)) == outcome(BODY)
    small = write_message(SMALL)
    assert outcome(Slow(small)) == outcome(small)
