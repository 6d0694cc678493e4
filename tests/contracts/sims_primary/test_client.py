"""Calls to SIMS Primary against an invented network: tokens, limits, links, and everything that can go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import msgspec
import pytest

from schoolgate.connectors.errors import SourceProblem
from schoolgate.connectors.port import NoLimit
from schoolgate.connectors.sims_primary.client import SimsPrimaryClient
from schoolgate.connectors.sims_primary.connection import SimsPrimaryConnection
from schoolgate.connectors.sims_primary.connection_test import test_connection as try_connection
from schoolgate.connectors.sims_primary.envelopes import Envelopes
from schoolgate.connectors.sims_primary.settings import SourceSettings
from schoolgate.connectors.sims_primary.tokens import TokenKeeper
from schoolgate.lib import clock

API = "https://api.example/ssli01"
PAGE = b'{"@odata.count":0,"value":[]}'
SETTINGS = SourceSettings(page_limit=2000)


GIVEN = SimsPrimaryConnection(
    client_id="client",
    secret="heron-lock-9",
    subscription_key="key",
    organisation_id="org",
    token_url="https://sts.example/connect/token",
    api_url=API,
)


class Network:
    """Answers tokens, and pages as a function says; keeps what was asked."""

    def __init__(self, answer: Callable[[httpx2.Request], httpx2.Response] | None = None) -> None:
        self.answer = answer or (lambda _request: page())
        self.tokens = 0
        self.asked: list[httpx2.Request] = []
        self.token_answer: httpx2.Response | None = None

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "sts.example":
            self.tokens += 1
            self.asked.append(request)
            given = {"access_token": f"token-{self.tokens}", "expires_in": 3600, "token_type": "Bearer"}
            return self.token_answer or httpx2.Response(200, json=given)
        self.asked.append(request)
        return self.answer(request)


class Waits(NoLimit):
    def __init__(self) -> None:
        self.pushed: list[float] = []

    def push_back(self, seconds: float) -> None:
        self.pushed.append(seconds)


def page(
    body: bytes = PAGE, status: int = 200, kind: str = "application/json; odata.metadata=minimal"
) -> httpx2.Response:
    return httpx2.Response(status, content=body, headers={"content-type": kind})


def said(status: int, message: str) -> httpx2.Response:
    return httpx2.Response(status, json={"statusCode": status, "message": message})


def client(
    network: Network,
    *,
    limiter: NoLimit | None = None,
    monotonic=lambda: 0.0,
    now=clock.now,
    **settings,
) -> SimsPrimaryClient:
    return SimsPrimaryClient(
        credentials=GIVEN,
        settings=msgspec.structs.replace(SETTINGS, **settings),
        limiter=limiter or NoLimit(),
        transport=httpx2.MockTransport(network),
        keeper=TokenKeeper(monotonic=monotonic),
        monotonic=monotonic,
        now=now,
    )


def problem_of(network: Network, link: str = f"{API}/Learner/V3/X", **more) -> SourceProblem:
    with client(network, **more) as calls, pytest.raises(SourceProblem) as caught:
        calls.get(link)
    assert "heron-lock-9" not in str(caught.value)
    return caught.value


def test_sends_the_token_and_the_subscription_key() -> None:
    network = Network()
    with client(network) as calls:
        assert calls.get(f"{API}/Learner/V3/X") == PAGE
    form, data = network.asked
    assert b"acr_values=orgselected%3Aorg" in form.content
    assert data.headers["authorization"] == "Bearer token-1"
    assert data.headers["ocp-apim-subscription-key"] == "key"


def test_keeps_a_token_until_shortly_before_it_ends() -> None:
    now = [0.0]
    network = Network()
    with client(network, monotonic=lambda: now[0]) as calls:
        for now[0] in (0.0, 3000.0, 3539.0):
            calls.get(API)
        assert network.tokens == 1
        now[0] = 3541.0
        calls.get(API)
    assert network.tokens == 2


def test_renews_a_rejected_token_once() -> None:
    network = Network(
        lambda request: (
            page() if request.headers["authorization"].endswith("2") else said(401, "token expired")
        )
    )
    with client(network) as calls:
        assert calls.get(API) == PAGE
        assert [code for code, _ in calls.met] == ["source.token_renewed"]
    assert network.tokens == 2


def test_tells_a_rejected_token_from_a_bad_subscription_key() -> None:
    assert problem_of(Network(lambda _: said(401, "The token is not valid"))).code == "source.token_rejected"
    refused = Network(lambda _: said(401, "Access denied due to invalid subscription key."))
    assert problem_of(refused).code == "source.subscription_key"
    assert refused.tokens == 1


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/ssli01/Learner/V3/X?$skip=1000",
        "https://api.example:8443/ssli01/Learner/V3/X",
        "https://api.example@evil.example/ssli01",
        "//evil.example/x",
    ],
)
def test_refuses_a_page_link_to_another_host(link: str) -> None:
    network = Network()
    assert problem_of(network, link).code == "source.foreign_link"
    assert network.asked == []


def test_follows_a_link_to_a_host_an_officer_allowed() -> None:
    with client(Network(), allowed_hosts=("other.example",)) as calls:
        assert calls.get("https://other.example/ssli01/X") == PAGE


def test_waits_as_long_as_a_429_says_and_holds_everybody_back() -> None:
    answers = [said(429, "Rate limit is exceeded. Try again in 4 seconds."), page()]
    waits = Waits()
    with client(Network(lambda _: answers.pop(0)), limiter=waits) as calls:
        assert calls.get(API) == PAGE
    assert waits.pushed == [4.0]


def test_puts_the_run_aside_when_a_429_asks_for_long() -> None:
    problem = problem_of(Network(lambda _: said(429, "Try again in 900 seconds.")))
    assert (problem.code, problem.retry_after, problem.is_permanent) == ("source.throttled", 900.0, False)


@pytest.mark.parametrize(
    ("answer", "code", "is_permanent"),
    [
        (said(500, "oops"), "source.server_error", False),
        (said(503, "maintenance"), "source.server_error", False),
        (said(403, "Data exchange is switched off for this organisation"), "source.switched_off", True),
        (said(403, "This is not permitted"), "source.domain_not_granted", True),
        (said(404, "no such domain"), "source.not_found", True),
        (said(400, "bad filter"), "source.request_refused", True),
        (page(b"<html>", kind="text/html"), "source.wrong_content_type", False),
        (
            httpx2.Response(302, headers={"location": "https://evil.example"}),
            "source.wrong_content_type",
            False,
        ),
        (page(b"x" * 2001), "source.page_too_large", True),
    ],
)
def test_tells_what_went_wrong(answer: httpx2.Response, code: str, is_permanent: bool) -> None:
    problem = problem_of(Network(lambda _: answer))
    assert (problem.code, problem.is_permanent) == (code, is_permanent)
    assert problem.sentence.endswith(".")
    assert problem.remedy.endswith(".")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (httpx2.ReadTimeout("slow"), "source.timeout"),
        (httpx2.ConnectError("refused"), "source.unreachable"),
        (httpx2.RemoteProtocolError("cut"), "source.truncated"),
    ],
)
def test_tells_how_a_connection_broke(error: Exception, code: str) -> None:
    def broken(_request: httpx2.Request) -> httpx2.Response:
        raise error

    assert problem_of(Network(broken)).code == code


def test_ends_a_call_that_trickles_for_too_long() -> None:
    ticks = iter(range(0, 10_000, 100))
    assert (
        problem_of(Network(), monotonic=lambda: float(next(ticks)), total_seconds=10).code == "source.timeout"
    )


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"error": "invalid_client"}, "source.wrong_secret"),
        (400, {"error": "invalid_scope"}, "source.wrong_scope"),
        (
            400,
            {"error": "invalid_grant", "error_description": "organisation not permitted for this client"},
            "source.wrong_organisation",
        ),
        (400, {"error": "something"}, "source.token_refused"),
        (500, {}, "source.token_service_error"),
        (200, {"nothing": 1}, "source.token_answer"),
    ],
)
def test_tells_apart_what_a_token_was_refused_for(status: int, body: dict[str, str], code: str) -> None:
    network = Network()
    network.token_answer = httpx2.Response(status, json=body)
    outcome = try_connection(GIVEN, transport=httpx2.MockTransport(network))
    assert (outcome.code, outcome.works, outcome.details["step"]) == (code, False, "token")
    assert "heron-lock-9" not in json.dumps([outcome.sentence, outcome.details])


def test_says_that_a_connection_works() -> None:
    assert try_connection(GIVEN, transport=httpx2.MockTransport(Network())).works


def test_finds_a_continuation_without_parsing_the_page() -> None:
    envelopes = Envelopes(SETTINGS)
    link = "https://api.example/x?$skip=1000"
    escaped = json.dumps({"value": [{"Note": 'say "@odata.nextLink": "https://evil.example"'}]}).encode()
    assert envelopes.next_link(PAGE) is None
    assert envelopes.next_link(escaped) is None
    assert envelopes.next_link(escaped[:-1] + f',"@odata.nextLink" : "{link}"'.encode() + b"}") == link
    assert envelopes.next_link(b'{"@odata.nextLink":null,"value":[]}') is None


def test_refuses_a_page_that_is_cut_or_of_which_no_row_has_its_ids() -> None:
    envelopes = Envelopes(SETTINGS)
    row = {"ExternalID": "r", "Learner": {"ExternalID": "p", "Type": "Learner.Identifier"}}
    body = json.dumps({"value": [row, {**row, "@removed": {"reason": "deleted"}}]}).encode()
    found = envelopes.unpack(body, domain="X", pupil="Learner/ExternalID", row="ExternalID")
    assert [(each.pupil, each.row_id, each.is_removed) for each in found.rows] == [
        ("p", "r", False),
        ("p", "r", True),
    ]
    for bad, code in (
        (body[:-9], "source.truncated"),
        (b'{"value":[{"ExternalID":"r"}]}', "source.unexpected_row"),
    ):
        with pytest.raises(SourceProblem) as caught:
            envelopes.unpack(bad, domain="X", pupil="Learner/ExternalID", row="ExternalID")
        assert caught.value.code == code


def test_waits_for_an_answer_that_tells_the_time_and_keeps_the_first() -> None:
    ours = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    dates = iter(["", "Mon, 23 Nov 2026 09:30:00 GMT", "Mon, 23 Nov 2026 12:30:00 GMT"])

    def dated(_request: httpx2.Request) -> httpx2.Response:
        answer = page()
        said = next(dates)
        return httpx2.Response(
            200, content=PAGE, headers={**answer.headers, "date": said} if said else answer.headers
        )

    with client(Network(dated), now=lambda: ours) as calls:
        offsets = []
        for _ in range(3):
            calls.get(API)
            offsets.append(calls.clock_offset)
    assert offsets == [timedelta(), timedelta(hours=1), timedelta(hours=1)]
