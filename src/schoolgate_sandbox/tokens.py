"""The pretend SIMS ID token service: client credentials for one organisation.

Tokens are signed with a key that lives as long as the process and expire for
real. A good secret with the wrong organisation fails differently from a bad
secret, as the source is thought to do.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import itertools
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from schoolgate_sandbox.schools import School

SCOPES = frozenset({"simsserverapplication", "partner"})
ISSUER = "https://sts.sandbox.example"
_PREFIX = "orgselected:"
_ALGORITHM = "HS256"


class TokenRefusedError(Exception):
    """The token service says no, with an OAuth error word."""

    def __init__(self, error: str, description: str | None = None) -> None:
        super().__init__(error)
        self.body = {"error": error} | ({} if description is None else {"error_description": description})


class BadTokenError(Exception):
    """A call came with a token that is missing, altered or expired."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A client's id and secret as they came, in the body or by HTTP Basic."""

    client_id: str
    client_secret: str


def read_credentials(form: Mapping[str, str], authorization: str | None) -> Credentials:
    """Read the client's id and secret from the header, else from the form."""
    if authorization and authorization.lower().startswith("basic "):
        try:
            text = base64.b64decode(authorization[6:], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as problem:
            raise TokenRefusedError("invalid_client") from problem
        client_id, _, secret = text.partition(":")
        return Credentials(client_id, secret)
    return Credentials(form.get("client_id", ""), form.get("client_secret", ""))


class TokenService:
    """Issues tokens to the schools' clients and reads them back."""

    def __init__(self, schools: list[School], *, now: Callable[[], float]) -> None:
        self._by_client = {school.client_id: school for school in schools}
        self._by_number = {school.dfe_number: school for school in schools}
        self._key = secrets.token_hex(32)
        self._turns = itertools.count(1)
        self._now = now
        self.expires_in = 3600

    def issue(self, form: Mapping[str, str], authorization: str | None) -> dict[str, Any]:
        """Answer a token request; refuses with the OAuth error word that fits."""
        if form.get("grant_type") != "client_credentials":
            raise TokenRefusedError("unsupported_grant_type")
        school = self._client(read_credentials(form, authorization))
        if not set(form.get("scope", "").split()) >= SCOPES:
            raise TokenRefusedError("invalid_scope")
        if form.get("acr_values", "").lower() != (_PREFIX + school.organisation_id).lower():
            raise TokenRefusedError("invalid_grant", "organisation not permitted for this client")
        issued = int(self._now())
        claims = {
            "iss": ISSUER,
            "client_id": school.client_id,
            "org": school.organisation_id,
            "dfe": school.dfe_number,
            "scope": sorted(SCOPES),
            "iat": issued,
            "exp": issued + self.expires_in,
            "jti": str(next(self._turns)),
        }
        token = jwt.encode(claims, self._key, algorithm=_ALGORITHM)
        return {"access_token": token, "expires_in": self.expires_in, "token_type": "Bearer"}

    def _client(self, given: Credentials) -> School:
        school = self._by_client.get(given.client_id)
        expected = school.client_secret if school else ""
        if school is None or not hmac.compare_digest(expected.encode(), given.client_secret.encode()):
            raise TokenRefusedError("invalid_client")
        return school

    def school_of(self, authorization: str | None) -> School:
        """Give the school a call's bearer token was issued for."""
        kind, _, token = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise BadTokenError("The access token is missing.")
        try:
            claims = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], issuer=ISSUER, options={"verify_exp": False}
            )
        except jwt.InvalidTokenError as problem:
            raise BadTokenError("The access token is not valid.") from problem
        if self._now() >= claims["exp"]:
            raise BadTokenError("The access token has expired.")
        return self._by_number[claims["dfe"]]
