"""Every code set by name, read from the tables shipped beside this module."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType

from schoolgate.codes.sets import Code, CodeSet, Confidence


class UnknownCodeSetError(KeyError):
    """No code set has this name: a slip in a declaration, never in a school's data."""


def code_set(name: str) -> CodeSet:
    """The code set of that name."""
    try:
        return code_sets()[name]
    except KeyError:
        raise UnknownCodeSetError(name) from None


@cache
def code_sets() -> MappingProxyType[str, CodeSet]:
    """All code sets by name, read once a process."""
    return MappingProxyType({row["name"]: _read_set(row) for row in rows_of("sets")})


def rows_of(table: str) -> Iterable[dict[str, str]]:
    """The rows of one of the tables shipped with this room."""
    text = resources.files(__package__).joinpath("data", f"{table}.csv").read_text(encoding="utf-8")
    return csv.DictReader(io.StringIO(text, newline=""))


def read_code(row: dict[str, str], usual: Confidence) -> Code:
    """One row as a code; where it names no confidence, the set's own holds."""
    return Code(
        code=row["code"],
        label=row["label"],
        valid_from=_day(row["valid_from"]),
        valid_until=_day(row["valid_until"]),
        status=row["status"],
        confidence=Confidence(row["confidence"]) if row["confidence"] else usual,
    )


def _read_set(row: dict[str, str]) -> CodeSet:
    usual = Confidence(row["confidence"])
    return CodeSet(
        row["name"],
        title=row["title"],
        publication=row["publication"],
        reference=row["reference"],
        confidence=usual,
        entries=[read_code(each, usual) for each in rows_of(row["name"])],
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
