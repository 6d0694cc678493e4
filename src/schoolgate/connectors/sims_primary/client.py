"""Calls the SIMS Primary API: one page at a time, within the limit, and never to a host it does not know.

Every call takes its turn at the limiter, carries a token and the subscription key, ends within a total
time, and is refused beyond a size. A token that is rejected is renewed once. Everything else that goes
wrong becomes a SourceProblem.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Self
from urllib.parse import urlsplit

import httpx2
import msgspec

from schoolgate.connectors.port import Limiter
from schoolgate.connectors.sims_primary.connection import SimsPrimaryConnection
from schoolgate.connectors.sims_primary.problems import SimsPrimaryProblem
from schoolgate.connectors.sims_primary.settings import SourceSettings
from schoolgate.connectors.sims_primary.tokens import TokenKeeper
from schoolgate.connectors.source_clocks import clock_offset
from schoolgate.lib import clock

SHORT_WAIT_SECONDS = 10.0
"""A wait the source asks for up to this is waited here; a longer one puts the whole run aside."""
TRIES_WHEN_THROTTLED = 3
DEFAULT_WAIT_SECONDS = 2.0
MESSAGE_LIMIT = 4096

KEEPER = TokenKeeper(monotonic=time.monotonic)
"""The tokens of this process."""

_SECONDS = re.compile(r"(\d{1,5})\s*seconds?", re.IGNORECASE)


class SimsPrimaryClient:
    """The calls of one base. Close it, or use it as a context manager."""

    def __init__(
        self,
        *,
        credentials: SimsPrimaryConnection,
        settings: SourceSettings,
        limiter: Limiter,
        transport: httpx2.BaseTransport | None = None,
        keeper: TokenKeeper = KEEPER,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        """``transport`` stands in for the network in tests, ``now`` for our clock."""
        self.settings = settings
        self.calls = 0
        self.met: list[tuple[str, str]] = []
        self.base = (credentials.api_url or settings.api_url).rstrip("/") + "/"
        self._credentials = credentials
        self._limiter = limiter
        self._keeper = keeper
        self._monotonic = monotonic
        self._now = now
        self._clock_offset: timedelta | None = None
        self._origins = {_origin(self.base), *(host.lower().rstrip("/") for host in settings.allowed_hosts)}
        self._transport = transport

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def clock_offset(self) -> timedelta:
        """The API's clock minus ours, by its first answer that told the time; zero until one does."""
        return self._clock_offset or timedelta()

    @cached_property
    def _http(self) -> httpx2.Client:
        """The network, set up when the first call is made."""
        return httpx2.Client(
            timeout=httpx2.Timeout(self.settings.read_seconds, connect=self.settings.connect_seconds),
            follow_redirects=False,
            transport=self._transport,
            verify=_trust(),
            trust_env=True,
        )

    def close(self) -> None:
        """End the connections."""
        if "_http" in self.__dict__:
            self._http.close()

    def check_link(self, link: str) -> None:
        """Refuse a link whose scheme, host and port are not the API's own or an allowed one."""
        origin = _origin(link)
        if origin not in self._origins and urlsplit(link).netloc.lower() not in self._origins:
            raise SimsPrimaryProblem("source.foreign_link", detail=f"the link names {_shown(origin)}")

    def get(self, link: str) -> bytes:
        """The body of one page. Raises SourceProblem."""
        self.check_link(link)
        for tried in range(1, TRIES_WHEN_THROTTLED + 1):
            status, content_type, body, retry_after = self._authorised(link)
            if status == httpx2.codes.TOO_MANY_REQUESTS:
                seconds = _seconds_to_wait(body, retry_after) or DEFAULT_WAIT_SECONDS * 2 ** (tried - 1)
                self._limiter.push_back(seconds)
                self.met.append(("source.throttled", f"{_place(link)} answered 429"))
                if seconds <= SHORT_WAIT_SECONDS and tried < TRIES_WHEN_THROTTLED:
                    continue
                raise SimsPrimaryProblem(
                    "source.throttled", detail=f"asked to wait {seconds:g} seconds", retry_after=seconds
                )
            _check_status(status, body, link)
            _check_content_type(content_type, link)
            return body
        raise SimsPrimaryProblem("source.throttled")

    def _authorised(self, link: str) -> tuple[int, str, bytes, str]:
        """One call; a rejected token is renewed once."""
        for is_second in (False, True):
            token = self._keeper.token(self._http, self._credentials, self.settings)
            answer = self._call(link, token)
            if answer[0] != httpx2.codes.UNAUTHORIZED:
                return answer
            if "subscription key" in _message(answer[2]):
                raise SimsPrimaryProblem("source.subscription_key", detail=f"{_place(link)} answered 401")
            self._keeper.forget(self._credentials, self.settings, token)
            self.met.append(("source.token_renewed", f"{_place(link)} answered 401"))
            if is_second:
                break
        raise SimsPrimaryProblem("source.token_rejected", detail=f"{_place(link)} answered 401 twice")

    def _call(self, link: str, token: str) -> tuple[int, str, bytes, str]:
        headers = {
            "Authorization": f"Bearer {token}",
            self.settings.key_header: self._credentials.subscription_key,
            "Accept": "application/json",
        }
        self._limiter.wait_turn()
        self.calls += 1
        until = self._monotonic() + self.settings.total_seconds
        asked_at = self._now()
        try:
            with self._http.stream("GET", link, headers=headers) as answer:
                self._note_clock(answer, asked_at)
                body = self._read(answer, until, link)
                return (
                    answer.status_code,
                    answer.headers.get("content-type", ""),
                    body,
                    answer.headers.get("retry-after", ""),
                )
        except httpx2.TimeoutException as error:
            raise SimsPrimaryProblem(
                "source.timeout", detail=f"{_place(link)}: {type(error).__name__}"
            ) from error
        except httpx2.RemoteProtocolError as error:
            raise SimsPrimaryProblem(
                "source.truncated", detail=f"{_place(link)}: the answer broke off"
            ) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise SimsPrimaryProblem(
                "source.unreachable", detail=f"{_place(link)}: {type(error).__name__}"
            ) from error

    def _note_clock(self, answer: httpx2.Response, asked_at: datetime) -> None:
        if self._clock_offset is None:
            said = answer.headers.get("date", "")
            self._clock_offset = clock_offset(said, asked_at=asked_at, answered_at=self._now())

    def _read(self, answer: httpx2.Response, until: float, link: str) -> bytes:
        pieces = []
        size = 0
        for piece in answer.iter_bytes():
            size += len(piece)
            if size > self.settings.page_limit:
                raise SimsPrimaryProblem(
                    "source.page_too_large", detail=f"{_place(link)}: over {self.settings.page_limit} bytes"
                )
            if self._monotonic() > until:
                raise SimsPrimaryProblem(
                    "source.timeout", detail=f"{_place(link)}: over {self.settings.total_seconds:g} seconds"
                )
            pieces.append(piece)
        return b"".join(pieces)


def _check_status(status: int, body: bytes, link: str) -> None:
    if status == httpx2.codes.OK:
        return
    told = f"{_place(link)} answered {status}"
    if status == httpx2.codes.FORBIDDEN:
        message = _message(body)
        is_switch = "switch" in message or "data exchange" in message or "data-exchange" in message
        raise SimsPrimaryProblem(
            "source.switched_off" if is_switch else "source.domain_not_granted", detail=told
        )
    if status in {httpx2.codes.NOT_FOUND, httpx2.codes.METHOD_NOT_ALLOWED, httpx2.codes.NOT_IMPLEMENTED}:
        raise SimsPrimaryProblem("source.not_found", detail=told)
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR or status == httpx2.codes.REQUEST_TIMEOUT:
        raise SimsPrimaryProblem("source.server_error", detail=told)
    if status >= httpx2.codes.BAD_REQUEST:
        raise SimsPrimaryProblem("source.request_refused", detail=told)
    raise SimsPrimaryProblem("source.wrong_content_type", detail=told)


def _check_content_type(content_type: str, link: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise SimsPrimaryProblem(
            "source.wrong_content_type", detail=f"{_place(link)} sent {kind[:60] or 'no type'}"
        )


def _seconds_to_wait(body: bytes, retry_after: str) -> float | None:
    """What a 429 says: in its message, else in its header."""
    said = _SECONDS.search(_message(body))
    if said is not None:
        return float(said[1])
    return float(retry_after) if retry_after.isdigit() else None


def _message(body: bytes) -> str:
    """The answer's message in lower case, to look for known words in; never passed on."""
    try:
        found = msgspec.json.decode(body[:MESSAGE_LIMIT])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    if not isinstance(found, dict):
        return ""
    error = found.get("error")
    text = found.get("message") or (error.get("message") if isinstance(error, dict) else "")
    return str(text).lower()


@cache
def _trust() -> ssl.SSLContext:
    """Whom this process trusts; reading the authorities takes longer than a small school without a change."""
    return httpx2.create_ssl_context()


def _origin(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _place(link: str) -> str:
    """The end of an address without its query: which domain was asked for."""
    steps = urlsplit(link).path.rstrip("/").split("/")
    last = steps[-1].partition("(")[0]
    return f"{steps[-2]}/{last}" if last.startswith("SIMS.") else last


def _shown(origin: str) -> str:
    return origin[:120]
