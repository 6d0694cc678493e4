"""The connector against the sandbox's HTTP: every domain maps, every setting of a connection is told apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.contracts.sandbox import Sandbox, running

from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import NoLimit, Reading, Unpacked
from schoolgate.connectors.sims_primary.client import SimsPrimaryClient
from schoolgate.connectors.sims_primary.connection import SimsPrimaryConnection
from schoolgate.connectors.sims_primary.connection_test import test_connection as try_connection
from schoolgate.connectors.sims_primary.mapping import shipped_mapping
from schoolgate.connectors.sims_primary.settings import SourceSettings
from schoolgate.connectors.sims_primary.source import SimsPrimarySource
from schoolgate_message.blocks import canonical
from schoolgate_message.groups import BY_NAME

SINCE = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(schools=1, pupils=450) as found:
        yield found


@pytest.fixture
def given(sandbox: Sandbox) -> SimsPrimaryConnection:
    return sandbox.credentials(sandbox.schools()[0])


@pytest.fixture
def source(given: SimsPrimaryConnection) -> Iterator[SimsPrimarySource]:
    client = SimsPrimaryClient(credentials=given, settings=SourceSettings(read_seconds=5), limiter=NoLimit())
    made = SimsPrimarySource(client=client, mapping=shipped_mapping())
    yield made
    made.close()


def first_page(source: SimsPrimarySource, reading: Reading) -> Unpacked:
    body = source.read_page(reading.first_link)
    return source.unpack(body, domain=reading.domain, link=reading.first_link)


@pytest.mark.parametrize("domain", shipped_mapping().domains)
def test_brings_every_row_of_a_domain_into_canonical_form(source: SimsPrimarySource, domain: str) -> None:
    found = first_page(source, source.whole(domain))
    assert found.declared == len(found.rows) > 0
    met = set()
    for row in found.rows:
        for group, content in source.contents(domain, [row.raw]).items():
            assert canonical(BY_NAME[group], content)
            met.add(group)
    assert met == set(shipped_mapping().domains[domain].groups)


def test_reads_one_pupils_rows_alone(source: SimsPrimarySource) -> None:
    whole = first_page(source, source.whole("LearnerContacts"))
    pupil = whole.rows[0].pupil
    reading = source.of_pupil("LearnerContacts", pupil)
    rows = first_page(source, reading).rows
    assert len(rows) == sum(row.pupil == pupil for row in whole.rows)


def test_reads_the_year_of_everybody_on_the_roll(source: SimsPrimarySource) -> None:
    roll = source.roll()
    rows = first_page(source, roll).rows
    names = source.nc_year_names()
    current = [entry for entry in map(source.roll_entry, rows) if entry.state == "Current"]
    assert {source.nc_year(entry, names) for entry in current} <= {"N1", "N2", "R", *map(str, range(1, 15))}
    assert all(source.nc_year(entry, names) for entry in current)


def test_says_plainly_where_changes_are_not_told(source: SimsPrimarySource) -> None:
    assert source.read_page(source.changes("LearnerContacts", SINCE).first_link)
    with pytest.raises(SourceProblem) as caught:
        source.read_page(source.changes("LearnerCommunications", SINCE).first_link)
    assert caught.value.code == "source.not_found"


def test_resolves_marks_to_days_and_statutory_codes(source: SimsPrimarySource) -> None:
    reading = source.changed_marks(SINCE)
    rows = first_page(source, reading).rows
    marks = [source.mark(row) for row in rows]
    sessions = source.sessions(SINCE - timedelta(days=20), SINCE + timedelta(days=60))
    codes = source.attendance_codes()
    assert len(marks) == 1000
    assert {session.name for session in sessions.values()} == {"AM", "PM"}
    assert {mark.code_id for mark in marks} <= codes.keys()
    assert not {"X01", "I01"} & set(codes.values())


def test_refuses_to_ask_for_more_than_the_source_gives_in_one_window(source: SimsPrimarySource) -> None:
    with pytest.raises(SourceProblem) as caught:
        source.sessions(SINCE - timedelta(days=91), SINCE)
    assert caught.value.code == "source.request_refused"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({}, "works"),
        ({"secret": "no"}, "source.wrong_secret"),
        ({"client_id": "no"}, "source.wrong_secret"),
        ({"organisation_id": "no"}, "source.wrong_organisation"),
        ({"subscription_key": "no"}, "source.subscription_key"),
        ({"token_url": "http://127.0.0.1:1/connect/token"}, "source.token_service_unreachable"),
        ({"api_url": "http://127.0.0.1:1"}, "source.unreachable"),
    ],
)
def test_tells_apart_what_is_wrong_with_a_connection(
    sandbox: Sandbox, wrong: dict[str, str], code: str
) -> None:
    assert try_connection(sandbox.credentials(sandbox.schools()[0], **wrong)).code == code


def test_tells_the_scope_the_switch_and_the_grant_apart(
    sandbox: Sandbox, given: SimsPrimaryConnection
) -> None:
    assert try_connection(given, settings=SourceSettings(scope="other")).code == "source.wrong_scope"
    number = sandbox.schools()[0]["dfe_number"]
    sandbox.control("/switch", {"dfe_number": number, "on": False})
    assert try_connection(given).code == "source.switched_off"
    sandbox.control("/switch", {"dfe_number": number, "on": True})
    grant = {"dfe_number": number, "domain": "LearnerIdentifiers"}
    sandbox.control("/grant", {**grant, "granted": False})
    assert try_connection(given).code == "source.domain_not_granted"
    sandbox.control("/grant", {**grant, "granted": True})


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("server_error", "source.server_error"),
        ("truncated", "source.truncated"),
        ("content_type", "source.wrong_content_type"),
        ("foreign_link", "source.foreign_link"),
        ("hang", "source.timeout"),
    ],
)
def test_tells_every_fault_of_a_page(
    sandbox: Sandbox, given: SimsPrimaryConnection, kind: str, code: str
) -> None:
    client = SimsPrimaryClient(
        credentials=given, settings=SourceSettings(read_seconds=0.5), limiter=NoLimit()
    )
    source = SimsPrimarySource(client=client, mapping=shipped_mapping())
    sandbox.control("/settings", {"page_size": 20})
    sandbox.fault(kind, domain="LearnerAddresses", times=1, seconds=2)
    with pytest.raises(SourceProblem) as caught:
        first_page(source, source.whole("LearnerAddresses"))
    assert caught.value.code == code
    sandbox.heal()
    sandbox.control("/settings", {"page_size": 1000})
    source.close()


def test_measures_the_sources_clock_by_its_first_answer(given: SimsPrimaryConnection) -> None:
    ahead = timedelta(hours=2)
    client = SimsPrimaryClient(
        credentials=given,
        settings=SourceSettings(),
        limiter=NoLimit(),
        now=lambda: datetime.now(UTC) + ahead,
    )
    source = SimsPrimarySource(client=client, mapping=shipped_mapping())
    assert source.clock_offset == timedelta()
    source.read_page(source.roll().first_link)
    measured = source.clock_offset
    assert abs(measured + ahead) < timedelta(seconds=3)
    ahead = timedelta()
    source.read_page(source.roll().first_link)
    assert source.clock_offset == measured
    source.close()


def test_takes_a_clock_that_shows_our_time_for_no_difference(source: SimsPrimarySource) -> None:
    source.read_page(source.roll().first_link)
    assert source.clock_offset == timedelta()
