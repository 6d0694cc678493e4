"""Asks SIMS ID for tokens (client credentials) and keeps each until shortly before it ends.

Tokens are kept in the process, one for each version of a base's credentials, and never written down.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from schoolgate.connectors import odd_json
from schoolgate.connectors.sims_primary.connection import SimsPrimaryConnection
from schoolgate.connectors.sims_primary.problems import SimsPrimaryProblem
from schoolgate.connectors.sims_primary.settings import SourceSettings
from schoolgate.connectors.source_clocks import waiting_time
from schoolgate.lib import clock

TOKEN_ANSWER_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and the moment, on the monotonic clock, from which a new one is fetched."""

    text: str
    renew_at: float

    def __repr__(self) -> str:
        """Tells nothing, so that a token can't end up in a log."""
        return "Token()"


class TokenKeeper:
    """The tokens of this process. Safe to use from several threads."""

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        """``monotonic`` answers in seconds, for example ``time.monotonic``."""
        self._monotonic = monotonic
        self._tokens: dict[tuple[str, ...], Token] = {}
        self._lock = threading.Lock()

    def token(self, http: httpx2.Client, credentials: SimsPrimaryConnection, settings: SourceSettings) -> str:
        """A good token, from memory or from the token service."""
        key = _key(credentials, settings)
        with self._lock:
            kept = self._tokens.get(key)
        if kept is not None and self._monotonic() < kept.renew_at:
            return kept.text
        asked_at = self._monotonic()
        text, seconds = fetch_token(http, credentials, settings)
        renew_at = asked_at + max(seconds - settings.renew_before_seconds, seconds / 2)
        with self._lock:
            self._tokens[key] = Token(text=text, renew_at=renew_at)
        return text

    def forget(self, credentials: SimsPrimaryConnection, settings: SourceSettings, text: str) -> None:
        """Drop a token the source rejected, unless another thread has already fetched a new one."""
        key = _key(credentials, settings)
        with self._lock:
            kept = self._tokens.get(key)
            if kept is not None and kept.text == text:
                del self._tokens[key]


def fetch_token(
    http: httpx2.Client, credentials: SimsPrimaryConnection, settings: SourceSettings
) -> tuple[str, float]:
    """Ask for a token; answers it and its life in seconds. Raises SourceProblem as precisely as it can."""
    form = {
        "grant_type": "client_credentials",
        "scope": settings.scope,
        "acr_values": settings.acr_values.format(organisation_id=credentials.organisation_id),
    }
    basic: tuple[str, str] | httpx2.Auth = httpx2.Auth()
    if settings.sends_secret_in_body:
        form |= {"client_id": credentials.client_id, "client_secret": credentials.secret}
    else:
        basic = (credentials.client_id, credentials.secret)
    try:
        answer = http.post(token_url(credentials, settings), data=form, auth=basic)
    except httpx2.TimeoutException as error:
        raise SimsPrimaryProblem("source.token_service_unreachable", detail="no answer in time") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise SimsPrimaryProblem("source.token_service_unreachable", detail=type(error).__name__) from error
    return _read(answer, settings)


def token_url(credentials: SimsPrimaryConnection, settings: SourceSettings) -> str:
    """Where this base's tokens come from."""
    return credentials.token_url or settings.token_url


def _read(answer: httpx2.Response, settings: SourceSettings) -> tuple[str, float]:
    if answer.status_code == httpx2.codes.OK:
        said = _json(answer)
        text = said.get("access_token")
        if not isinstance(text, str) or not text:
            raise SimsPrimaryProblem("source.token_answer", detail="no access_token in the answer")
        return text, _life(said.get("expires_in"), settings)
    status = f"token service answered {answer.status_code}"
    if answer.status_code == httpx2.codes.TOO_MANY_REQUESTS or answer.status_code >= 500:  # noqa: PLR2004
        headers = answer.headers
        wait = waiting_time(headers.get("retry-after", ""), told_at=headers.get("date", ""), now=clock.now())
        raise SimsPrimaryProblem("source.token_service_error", detail=status, retry_after=wait)
    raise _refusal(_json(answer), status)


def _life(said: object, settings: SourceSettings) -> float:
    """A token's life in seconds, written as a number or as text; the setting's where it doesn't tell."""
    try:
        seconds = float(str(said))
    except ValueError:
        return float(settings.default_token_seconds)
    return seconds if 0 < seconds < float("inf") else float(settings.default_token_seconds)


def _refusal(said: dict[str, Any], status: str) -> SimsPrimaryProblem:
    error = str(said.get("error", ""))
    description = str(said.get("error_description", "")).lower()
    codes = {
        "invalid_client": "source.wrong_secret",
        "unauthorized_client": "source.wrong_secret",
        "invalid_scope": "source.wrong_scope",
        "access_denied": "source.wrong_organisation",
        "invalid_grant": "source.wrong_organisation",
    }
    if "organi" in description:
        return SimsPrimaryProblem("source.wrong_organisation", detail=status)
    # Only a known word of the answer is passed on: an unknown body might repeat what was sent.
    known = error if error in codes else "an error it did not name"
    return SimsPrimaryProblem(codes.get(error, "source.token_refused"), detail=f"{status}: {known}")


def _json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = odd_json.decoded(odd_json.without_mark(answer.content[:TOKEN_ANSWER_LIMIT]))
    except odd_json.UnreadableError:
        found = None
    if not isinstance(found, dict):
        if answer.status_code == httpx2.codes.OK:
            raise SimsPrimaryProblem("source.token_answer", detail="the answer is not JSON")
        return {}
    return found


def _key(credentials: SimsPrimaryConnection, settings: SourceSettings) -> tuple[str, ...]:
    return (
        token_url(credentials, settings),
        credentials.client_id,
        credentials.organisation_id,
        settings.scope,
        str(credentials.version),
    )
