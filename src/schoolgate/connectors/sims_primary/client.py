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

from schoolgate.connectors import odd_json
from schoolgate.connectors.port import Limiter
from schoolgate.connectors.sims_primary.connection import SimsPrimaryConnection
from schoolgate.connectors.sims_primary.envelopes import EMPTY
from schoolgate.connectors.sims_primary.problems import SimsPrimaryProblem
from schoolgate.connectors.sims_primary.settings import SourceSettings
from schoolgate.connectors.sims_primary.tokens import TokenKeeper
from schoolgate.connectors.source_clocks import clock_offset, waiting_time
from schoolgate.lib import clock

COUNT_OPTION = "$count=true"
SHORT_WAIT_SECONDS = 10.0
"""A wait the source asks for up to this is waited here; a longer one puts the whole run aside."""
TRIES_WHEN_THROTTLED = 3
DEFAULT_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 24 * 3600.0
"""A source that asks to wait for longer is asked again after a day."""
MESSAGE_LIMIT = 4096

KEEPER = TokenKeeper(monotonic=time.monotonic)
"""The tokens of this process."""

_SECONDS = re.compile(r"(\d{1,5})\s*seconds?", re.IGNORECASE)
_HOURS = re.compile(r"\b(?:(\d{1,3})\.)?(\d{1,2}):(\d\d):(\d\d)\b")
"""How long until an allowance is replenished: 00:00:05, with days before a full stop."""
_QUOTA = re.compile(r"quota|replenished")
_OURS = {"http": ":80", "https": ":443"}
"""The ports that an address needn't name."""


_COUNT_REFUSED = frozenset({"source.request_refused", "source.not_found"})
"""What a source may answer that doesn't know the question for the number of rows."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: ``retry_after`` and ``told_at`` are headers as they were written."""

    status: int
    content_type: str
    body: bytes
    retry_after: str
    told_at: str


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
        self._is_count_refused = False
        self._origins = {_origin(self.base), *map(_allowed, settings.allowed_hosts)}
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
        scheme, _, host = origin.partition("://")
        if origin in self._origins:
            return
        is_known_host = host in self._origins or f"https://{host}" in self._origins
        if scheme == "http" and is_known_host and self.base.lower().startswith("https:"):
            raise SimsPrimaryProblem("source.insecure_link", detail=f"the link names {_shown(origin)}")
        if host not in self._origins:
            raise SimsPrimaryProblem("source.foreign_link", detail=f"the link names {_shown(origin)}")

    def get(self, link: str) -> bytes:
        """The body of one page; a source that refuses to count is asked without. Raises SourceProblem."""
        if self._is_count_refused:
            return self._get(without_count(link))
        try:
            return self._get(link)
        except SimsPrimaryProblem as problem:
            if problem.code not in _COUNT_REFUSED or COUNT_OPTION not in link:
                raise
            return self._get_uncounted(link, problem)

    def _get_uncounted(self, link: str, refused: SimsPrimaryProblem) -> bytes:
        try:
            body = self._get(without_count(link))
        except SimsPrimaryProblem as problem:
            # It wasn't the count: what was refused first is what to tell.
            raise (refused if problem.code == refused.code else problem) from problem
        self._is_count_refused = True
        self.met.append((refused.code, f"{place_of(link)}: it doesn't count"))
        return body

    def _get(self, link: str) -> bytes:
        self.check_link(link)
        tried = 1
        while True:
            answer = self._authorised(link)
            code = _asks_to_wait(answer)
            if code is None:
                break
            seconds = seconds_to_wait(answer, now=self._now())
            if seconds is None:
                seconds = DEFAULT_WAIT_SECONDS * 2 ** (tried - 1)
            self._limiter.push_back(seconds)
            self.met.append((code, f"{place_of(link)} answered {answer.status}"))
            if seconds > SHORT_WAIT_SECONDS or tried == TRIES_WHEN_THROTTLED:
                raise SimsPrimaryProblem(
                    code, detail=f"asked to wait {seconds:g} seconds", retry_after=seconds
                )
            tried += 1
        _check_status(answer.status, answer.body, link)
        if answer.status == httpx2.codes.NO_CONTENT:
            return EMPTY
        _check_content_type(answer.content_type, link)
        return odd_json.without_mark(answer.body)

    def _authorised(self, link: str) -> Answer:
        """One call; a rejected token is renewed once."""
        for is_second in (False, True):
            token = self._keeper.token(self._http, self._credentials, self.settings)
            answer = self._call(link, token)
            if answer.status != httpx2.codes.UNAUTHORIZED:
                return answer
            if "subscription key" in _message(answer.body):
                raise SimsPrimaryProblem("source.subscription_key", detail=f"{place_of(link)} answered 401")
            self._keeper.forget(self._credentials, self.settings, token)
            self.met.append(("source.token_renewed", f"{place_of(link)} answered 401"))
            if is_second:
                break
        raise SimsPrimaryProblem("source.token_rejected", detail=f"{place_of(link)} answered 401 twice")

    def _call(self, link: str, token: str) -> Answer:
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
                return Answer(
                    status=answer.status_code,
                    content_type=answer.headers.get("content-type", ""),
                    body=body,
                    retry_after=answer.headers.get("retry-after", ""),
                    told_at=answer.headers.get("date", ""),
                )
        except httpx2.TimeoutException as error:
            raise SimsPrimaryProblem(
                "source.timeout", detail=f"{place_of(link)}: {type(error).__name__}"
            ) from error
        except httpx2.RemoteProtocolError as error:
            raise SimsPrimaryProblem(
                "source.truncated", detail=f"{place_of(link)}: the answer broke off"
            ) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise SimsPrimaryProblem(
                "source.unreachable", detail=f"{place_of(link)}: {type(error).__name__}"
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
                    "source.page_too_large", detail=f"{place_of(link)}: over {self.settings.page_limit} bytes"
                )
            if self._monotonic() > until:
                raise SimsPrimaryProblem(
                    "source.timeout", detail=f"{place_of(link)}: over {self.settings.total_seconds:g} seconds"
                )
            pieces.append(piece)
        return b"".join(pieces)


def _asks_to_wait(answer: Answer) -> str | None:
    """The code under which an answer that asks to wait is told; ``None`` for any other."""
    if answer.status == httpx2.codes.TOO_MANY_REQUESTS:
        return "source.throttled"
    if answer.status == httpx2.codes.FORBIDDEN and _QUOTA.search(_message(answer.body)):
        return "source.quota_used_up"
    if answer.status == httpx2.codes.SERVICE_UNAVAILABLE and answer.retry_after:
        return "source.server_error"
    return None


def without_count(link: str) -> str:
    """The same question without the one for the number of rows."""
    return re.sub(r"(?<=[?&])(\$|%24)count=true&?", "", link).rstrip("?&")


def _check_status(status: int, body: bytes, link: str) -> None:
    if status in {httpx2.codes.OK, httpx2.codes.NO_CONTENT}:
        return
    told = f"{place_of(link)} answered {status}"
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
    if kind not in {"application/json", "text/json"} and not kind.endswith("+json"):
        raise SimsPrimaryProblem(
            "source.wrong_content_type", detail=f"{place_of(link)} sent {kind[:60] or 'no type'}"
        )


def seconds_to_wait(answer: Answer, *, now: datetime) -> float | None:
    """How long the source asks to wait: in its message, else in its header, as seconds or as a date.

    A date is counted from when the source says it is, else from ``now``. Never longer than a day.
    """
    said = _said_in_words(_message(answer.body))
    if said is None:
        said = waiting_time(answer.retry_after, told_at=answer.told_at, now=now)
    return None if said is None else min(said, LONGEST_WAIT_SECONDS)


def _said_in_words(message: str) -> float | None:
    seconds = _SECONDS.search(message)
    if seconds is not None:
        return float(seconds[1])
    hours = _HOURS.search(message)
    if hours is None:
        return None
    days, *rest = (int(each or 0) for each in hours.groups())
    return float(days * 86400 + rest[0] * 3600 + rest[1] * 60 + rest[2])


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
    """Scheme, host and port as they are compared: the port left out where the scheme implies it."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return "an address that can't be read"
    scheme, host = parts.scheme.lower(), parts.netloc.lower()
    return f"{scheme}://{host.removesuffix(_OURS.get(scheme, ' '))}"


def _allowed(host: str) -> str:
    """An allowed host as it is compared, with its scheme where one was given."""
    host = host.lower().rstrip("/")
    return _origin(host) if "://" in host else host.removesuffix(":443")


def place_of(link: str) -> str:
    """The end of an address without its query: which domain was asked for."""
    steps = urlsplit(link).path.rstrip("/").split("/")
    last = steps[-1].partition("(")[0]
    return f"{steps[-2]}/{last}" if last.startswith("SIMS.") else last


def _shown(origin: str) -> str:
    return origin[:120]
