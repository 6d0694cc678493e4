"""The ordinary forms in which a service may speak HTTP, OData and JSON: each is read, none ends a list early."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest
from tests.contracts.sims_primary.test_client import API, PAGE, SETTINGS, Network, Waits, client, page

from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import Unpacked
from schoolgate.connectors.sims_primary.client import SimsPrimaryClient
from schoolgate.connectors.sims_primary.envelopes import EMPTY, Envelopes
from schoolgate.connectors.sims_primary.mapping import shipped_mapping
from schoolgate.connectors.sims_primary.source import SimsPrimarySource

LINK = f"{API}/Learner/V3/LearnerAddresses"
NEXT = f"{LINK}?$skip=1000"
ROW = {"ExternalID": "r1", "Learner": {"ExternalID": "p1"}}
AUGUST = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)


def envelope(**more: object) -> bytes:
    return json.dumps({"value": [ROW], **more}).encode()


def unpacked(body: bytes) -> Unpacked:
    return Envelopes(SETTINGS).unpack(body, domain="X", pupil="Learner/ExternalID", row="ExternalID")


@pytest.fixture
def source() -> Iterator[SimsPrimarySource]:
    made = SimsPrimarySource(client=client(Network()), mapping=shipped_mapping())
    yield made
    made.close()


@pytest.mark.parametrize("name", ["@odata.nextLink", "@nextLink", "odata.nextLink", "__next", "nextLink"])
def test_goes_on_by_each_name_that_a_continuation_has_had(name: str) -> None:
    body = envelope(**{name: NEXT})
    assert unpacked(body).next_link == NEXT
    assert Envelopes(SETTINGS).next_link(body) == NEXT


@pytest.mark.parametrize("name", ["@odata.nextLink", "@nextLink"])
@pytest.mark.parametrize("nothing", ["", None])
def test_takes_an_empty_continuation_for_the_end(name: str, nothing: str | None) -> None:
    body = envelope(**{name: nothing})
    assert unpacked(body).next_link is None
    assert unpacked(body).doubts == ()
    assert Envelopes(SETTINGS).next_link(body) is None


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("/ssli01/Learner/V3/LearnerAddresses?$skip=1000", NEXT),
        ("LearnerAddresses?$skip=1000", NEXT),
        ("?$skip=1000", NEXT),
        ("//api.example/ssli01/Learner/V3/LearnerAddresses?$skip=1000", NEXT),
        (NEXT.replace("api.example", "api.example:443"), NEXT.replace("api.example", "api.example:443")),
        (NEXT.replace("api.example", "API.Example"), NEXT.replace("api.example", "API.Example")),
    ],
)
def test_resolves_a_continuation_against_the_page_it_stands_on(
    source: SimsPrimarySource, said: str, meant: str
) -> None:
    body = envelope(**{"@odata.nextLink": said})
    assert source.unpack(body, domain="LearnerAddresses", link=LINK).next_link == meant
    assert source.next_link(body, link=LINK) == meant


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("https://evil.example/x", "source.foreign_link"),
        ("//evil.example/x", "source.foreign_link"),
        ("https://api.example@evil.example/x", "source.foreign_link"),
        ("https://api.example:8443/x", "source.foreign_link"),
        ("https://[x", "source.foreign_link"),
        ("file:///etc/passwd", "source.foreign_link"),
        ("http://api.example/x", "source.insecure_link"),
        ("http://api.example:80/x", "source.insecure_link"),
    ],
)
def test_goes_nowhere_else_and_never_without_encryption(
    source: SimsPrimarySource, said: str, code: str
) -> None:
    with pytest.raises(SourceProblem) as caught:
        source.unpack(envelope(**{"@odata.nextLink": said}), domain="LearnerAddresses", link=LINK)
    assert caught.value.code == code


@pytest.mark.parametrize("name", ["@odata.count", "@count", "odata.count", "__count"])
@pytest.mark.parametrize("said", [30, "30", " 30 "])
def test_reads_a_count_by_any_name_as_number_or_text(name: str, said: object) -> None:
    assert unpacked(envelope(**{name: said})).declared == 30


@pytest.mark.parametrize("said", ["many", -1, 3.5, True, None, {}])
def test_takes_what_is_no_count_for_none(said: object) -> None:
    assert unpacked(envelope(**{"@odata.count": said})).declared is None


@pytest.mark.parametrize(
    "more",
    [
        {"next": "/x?$skip=10"},
        {"@odata.next": NEXT},
        {"links": {"next": NEXT}},
        {"links": [{"rel": "self", "href": LINK}, {"rel": "next", "href": NEXT}]},
        {"paging": {"cursors": {"after": "abc"}, "next": NEXT}},
        {"hasMore": True},
        {"more": "true"},
        {"continuationToken": "abc"},
        {"skipToken": "abc"},
        {"isTruncated": True},
        {"pages": 3},
        {"totalPages": "3"},
        {"meta": {"pageCount": 3}},
        {"@odata.nextLink": NEXT, "@nextLink": f"{NEXT}0"},
        {"@odata.nextLink": 1000},
        {"error": {"code": "500", "message": "ran out of time"}},
    ],
)
def test_does_not_vouch_for_a_list_that_may_go_on(more: dict[str, object]) -> None:
    assert len(unpacked(envelope(**more)).doubts) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"@odata.context": "https://elsewhere.example/$metadata#X"},
        {"@context": "https://elsewhere.example/$metadata#X"},
        {"odata.metadata": "https://elsewhere.example/$metadata#X"},
        {"@odata.deltaLink": f"{LINK}?$deltatoken=1"},
        {"next": None, "hasMore": False, "continuationToken": "", "pages": 1},
        {"links": [{"rel": "self", "href": LINK}]},
        {"links": {"self": LINK, "next": None}},
        {"page": {"size": 10, "totalElements": 1, "totalPages": 1, "number": 0}},
        {"generatedAt": "2026-08-03T09:00:00Z", "school": "8201079", "error": None},
    ],
)
def test_is_not_troubled_by_members_that_say_nothing_of_further_rows(more: dict[str, object]) -> None:
    assert unpacked(envelope(**more)).doubts == ()


def test_reads_one_form_of_an_id_whatever_a_domain_writes() -> None:
    guid = "0ABCDEF0-1234-4ABC-8DEF-00000000000A"
    body = json.dumps({"value": [{"ExternalID": f"{{{guid}}}", "Learner": {"ExternalID": guid}}]}).encode()
    (row,) = unpacked(body).rows
    assert (row.pupil, row.row_id) == (guid.lower(), guid.lower())
    assert unpacked(b'{"value":[{"ExternalID":7,"Learner":{"ExternalID":8}}]}').rows[0].pupil == "8"


def test_takes_only_a_removal_for_a_removal() -> None:
    rows = [{**ROW, "@removed": said} for said in (None, False, {"reason": "deleted"}, {})]
    found = unpacked(json.dumps({"value": rows}).encode()).rows
    assert [row.is_removed for row in found] == [False, False, True, True]


@pytest.mark.parametrize(
    "odd",
    [
        b'{"ExternalID":"r2"}',
        b'{"ExternalID":"r2","Learner":null}',
        b'{"ExternalID":"r2","Learner":"p2"}',
        b"7",
        b"null",
        b'"text"',
        b'{"ExternalID":"r2","Learner":{"ExternalID":["p2"]}}',
        b'{"ExternalID":"r2","Learner":{"ExternalID":"p2"},"Deep":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"ExternalID":"r2","Learner":{"ExternalID":"p2"},"N":0123}',
    ],
)
def test_loses_one_row_to_one_odd_row(odd: bytes) -> None:
    row = json.dumps(ROW).encode()
    found = unpacked(b'{"@odata.count":3,"value":[' + row + b"," + odd + b"," + row + b"]}")
    assert [each.pupil for each in found.rows] == ["p1", "p1"]
    assert (found.unplaced, found.declared) == (1, 3)


@pytest.mark.parametrize(
    ("odd", "read"),
    [
        (b"Ren\xe9e", "Ren\ufffde"),
        (b"A\\ud83d", "A\ufffd"),
        (b"A\\ude00!", "A\ufffd!"),
        (b"\\ud83d\\ude00", "\U0001f600"),
        (b"\\\\ud83d", "\\ud83d"),
        (b"a\tb", "a\tb"),
    ],
)
def test_reads_a_row_around_a_character_that_is_none(
    source: SimsPrimarySource, odd: bytes, read: str
) -> None:
    row = b'{"ExternalID":"r","Learner":{"ExternalID":"p"},"Forename":"x","Surname":"' + odd + b'"}'
    body = b'{"@odata.count":1,"value":[' + row + b"]}"
    found = source.unpack(body, domain="LearnerContacts", link=LINK)
    contents = source.contents("LearnerContacts", [each.raw for each in found.rows])
    (contact,) = contents["contacts"]
    assert contact["family_name"] == read


@pytest.mark.parametrize(
    ("body", "code", "is_permanent"),
    [
        (b'{"value":[{"ExternalID":"r"', "source.truncated", False),
        (b"", "source.truncated", False),
        (b"[]", "source.unexpected_page", True),
        (b'{"rows":[]}', "source.unexpected_page", True),
        (b'{"value":{}}', "source.unexpected_page", True),
        (b"<html></html>", "source.truncated", False),
        (b'{"error":{"message":"x"}}', "source.error_in_answer", False),
    ],
)
def test_says_what_is_wrong_with_a_page_that_is_none(body: bytes, code: str, is_permanent: bool) -> None:
    with pytest.raises(SourceProblem) as caught:
        unpacked(body)
    assert (caught.value.code, caught.value.is_permanent) == (code, is_permanent)


def test_reads_a_page_behind_a_byte_order_mark_as_text_or_not_at_all() -> None:
    for answer, body in (
        (page(b"\xef\xbb\xbf" + PAGE), PAGE),
        (page(kind="text/json; charset=utf-8"), PAGE),
        (page(kind="APPLICATION/JSON"), PAGE),
        (httpx2.Response(204), EMPTY),
    ):
        assert client(Network(lambda _request, answer=answer: answer)).get(LINK) == body
    assert unpacked(EMPTY).rows == []


@pytest.mark.parametrize("said", ["3600", 3600.0, "3600.5", None, "", "soon", -5, "NaN", True])
def test_takes_a_token_however_its_life_is_told(said: object) -> None:
    network = Network()
    network.token_answer = httpx2.Response(200, json={"access_token": "t", "expires_in": said})
    calls = client(network)
    assert [calls.get(LINK), calls.get(LINK)] == [PAGE, PAGE]
    assert network.tokens == 1, "a life that can't be meant is not a token to be renewed at once"
    network.token_answer = httpx2.Response(
        200, content=b"\xef\xbb\xbf" + json.dumps({"access_token": "t"}).encode()
    )
    assert client(network).get(LINK) == PAGE


@pytest.mark.parametrize("status", [400, 404, 501])
def test_asks_without_the_count_where_a_source_refuses_to_count(status: int) -> None:
    network = Network(
        lambda request: (
            httpx2.Response(status, json={"error": {"message": "unknown option"}})
            if "count" in str(request.url)
            else page(b'{"value":[]}')
        )
    )
    calls = client(network)
    assert calls.get(f"{LINK}?$select=A&$count=true") == b'{"value":[]}'
    assert calls.get(f"{LINK}?$count=true") == b'{"value":[]}'
    asked = [str(request.url) for request in network.asked if request.url.host == "api.example"]
    assert asked == [f"{LINK}?$select=A&$count=true", f"{LINK}?$select=A", LINK]


def test_tells_of_the_first_refusal_where_it_was_not_the_count() -> None:
    calls = client(Network(lambda _request: httpx2.Response(400, json={})))
    with pytest.raises(SourceProblem) as caught:
        calls.get(f"{LINK}?$count=true")
    assert caught.value.code == "source.request_refused"


def answers_in_turn(*answers: httpx2.Response) -> Network:
    waiting = list(answers)
    return Network(lambda _request: waiting.pop(0) if len(waiting) > 1 else waiting[0])


QUOTA = {"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 00:00:05."}
IN_FIVE = "Mon, 03 Aug 2026 09:00:05 GMT"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx2.Response(403, json=QUOTA), "source.quota_used_up"),
        (httpx2.Response(429, json={}, headers={"retry-after": "5"}), "source.throttled"),
        (httpx2.Response(429, headers={"retry-after": IN_FIVE}), "source.throttled"),
        (httpx2.Response(503, headers={"retry-after": "5"}), "source.server_error"),
        (httpx2.Response(503, headers={"retry-after": IN_FIVE}), "source.server_error"),
    ],
)
def test_waits_as_long_as_it_is_told_and_goes_on(answer: httpx2.Response, code: str) -> None:
    waits = Waits()
    calls = client(answers_in_turn(answer, page()), limiter=waits, now=lambda: AUGUST)
    assert calls.get(LINK) == PAGE
    assert waits.pushed == [5.0]
    assert [each for each, _ in calls.met] == [code]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "600"}, 600.0),
        ({"retry-after": "Mon, 03 Aug 2026 09:10:00 GMT"}, 600.0),
        ({"retry-after": "Mon, 03 Aug 2026 09:20:00 GMT", "date": "Mon, 03 Aug 2026 09:10:00 GMT"}, 600.0),
        ({"retry-after": "Mon, 03 Aug 2030 09:20:00 GMT"}, 86400.0),
    ],
)
def test_puts_the_run_aside_where_it_is_told_to_wait_long(headers: dict[str, str], seconds: float) -> None:
    def refused(calls: SimsPrimaryClient) -> SourceProblem:
        with pytest.raises(SourceProblem) as caught:
            calls.get(LINK)
        return caught.value

    for status in (429, 503):
        network = Network(lambda _request, status=status: httpx2.Response(status, headers=headers))
        problem = refused(client(network, now=lambda: AUGUST))
        assert (problem.retry_after, problem.is_temporary) == (seconds, True)


def test_waits_for_the_token_service_as_it_is_told() -> None:
    network = Network()
    network.token_answer = httpx2.Response(503, headers={"retry-after": "90"})
    with pytest.raises(SourceProblem) as caught:
        client(network).get(LINK)
    assert (caught.value.code, caught.value.retry_after) == ("source.token_service_error", 90.0)
