"""Decisions about a base: what its numbers look like, how its connection stands, what moving asks for."""

from __future__ import annotations

import re
from enum import Enum

import msgspec

DFE_NUMBER = re.compile(r"\d{7}")
URN = re.compile(r"\d{5,6}")
WORKS = "works"
"""The outcome of a connection test that came through; every other outcome is a code of the connector's."""


class RefusedError(Exception):
    """Something about a base that can't be done: a stable code, one sentence, and what to do instead."""

    def __init__(self, code: str, sentence: str, remedy: str) -> None:
        super().__init__(f"{sentence} {remedy}")
        self.code = code
        self.sentence = sentence
        self.remedy = remedy


class ConnectionState(Enum):
    """How a base's connection stands."""

    MISSING = "missing"
    UNTESTED = "untested"
    WORKS = "works"
    FAILS = "fails"


class Credentials(msgspec.Struct, frozen=True, kw_only=True):
    """A base's connection, opened for use. ``version`` rises with every change of it.

    Its representation tells nothing, so that it can't end up in a log.
    """

    client_id: str
    secret: str
    subscription_key: str
    organisation_id: str
    token_url: str = ""
    api_url: str = ""
    version: int = 1

    def __repr__(self) -> str:
        return f"Credentials(version={self.version})"


def check_dfe_number(dfe_number: str, *, la_number: str) -> None:
    """Refuses what is not LA + 4 digits of this authority."""
    if not DFE_NUMBER.fullmatch(dfe_number):
        raise RefusedError(
            "bases.dfe_number",
            "A DfE number has seven digits: three for the authority, four for the school.",
            "Type it without a slash, for example 8201079.",
        )
    if not dfe_number.startswith(la_number):
        raise RefusedError(
            "bases.other_authority",
            f"This DfE number does not begin with {la_number}, the number of this authority.",
            "Check the number; a school of another authority can't be added here.",
        )


def check_urn(urn: str) -> None:
    """Refuses a URN that is not five or six digits; none is fine."""
    if urn and not URN.fullmatch(urn):
        raise RefusedError(
            "bases.urn", "A URN has five or six digits.", "Copy it from Get Information about Schools."
        )


def connection_state(*, has_connection: bool, is_tested: bool, outcome: str) -> ConnectionState:
    """How the connection stands, from what is kept about it."""
    if not has_connection:
        return ConnectionState.MISSING
    if not is_tested:
        return ConnectionState.UNTESTED
    return ConnectionState.WORKS if outcome == WORKS else ConnectionState.FAILS


def check_complete(settings: dict[str, str]) -> None:
    """Refuses a connection that lacks one of the four settings; ``settings`` maps label to value."""
    missing = [label for label, value in settings.items() if not value.strip()]
    if missing:
        raise RefusedError(
            "bases.connection_incomplete",
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            "Enter all values of the credentials report from SIMS ID.",
        )
