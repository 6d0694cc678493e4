"""Decisions about a base: what its numbers look like, how its connection stands, what moving asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

from schoolgate.connectors.declarations import WORKS, ConnectionSetting

DFE_NUMBER = re.compile(r"\d{7}")
URN = re.compile(r"\d{5,6}")


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


def counting_connection(mis: str, kept: Mapping[str, datetime], *, is_collected: bool) -> str | None:
    """Of which MIS a base's connection counts; ``kept`` says when each was changed last.

    A base whose MIS ``is_collected`` from is reached by that one alone. Before its move (an agent needs no
    connection) the one that was entered last is meant for what the base moves to.
    """
    if is_collected:
        return mis if mis in kept else None
    return max(kept, key=lambda each: (kept[each], each), default=None)


def check_complete(
    declared: Sequence[ConnectionSetting], values: Mapping[str, str], *, where_they_stand: str
) -> None:
    """Refuses a connection that lacks a setting which its connector needs.

    ``where_they_stand`` tells where whoever enters them finds them.
    """
    missing = [each.label for each in declared if each.is_required and not values.get(each.name, "").strip()]
    if missing:
        raise RefusedError(
            "bases.connection_incomplete",
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            where_they_stand,
        )


def check_known(declared: Sequence[ConnectionSetting], values: Mapping[str, str]) -> None:
    """Refuses settings that the connector does not declare: a mistake of ours, not of an officer."""
    unknown = values.keys() - {each.name for each in declared}
    if unknown:
        raise TypeError(f"not settings of this connection: {sorted(unknown)}")
