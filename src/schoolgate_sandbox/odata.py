"""The query options and page envelopes of the API.

$top, $skip, $select, $filter (eq, ne, and; ge and lt on AttendableEventStart
only), $count. A page link is absolute and carries $skip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import msgspec

EVENT_START = "AttendableEventStart"
MOST_DAYS = 90
_SECONDS_A_DAY = 86_400
# Another host than the API's own, as the source does it: nobody may build an address of it.
CONTEXT = "https://pm-svc-api-supershim-staging.azurewebsites.net/ThirdParty/{service}/V3/$metadata#{domain}"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_TERM = re.compile(r"\s*([\w@./]+)\s+(eq|ne|ge|gt|le|lt)\s+('(?:[^']|'')*'|[^\s']+)\s*")
_AND = re.compile(r"\s+and\s+(?=(?:[^']*'[^']*')*[^']*$)")
_DECODE = msgspec.json.Decoder().decode
_ENCODE = msgspec.json.Encoder().encode
_WORDS: dict[str, Any] = {"null": None, "true": True, "false": False}


class BadQueryError(Exception):
    """The query can't be answered; the sentence goes into the 400."""


class Listing(Protocol):
    """Rows as bytes that can be counted and sliced."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> Sequence[bytes]: ...


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison of a filter."""

    path: tuple[str, ...]
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Query:
    """What a call asks for."""

    top: int | None
    skip: int
    select: tuple[str, ...]
    terms: tuple[Term, ...]
    first: float | None
    until: float | None
    has_count: bool
    filter: str


def parse_query(options: Mapping[str, str]) -> Query:
    """Read the options of a call; refuses what the API can't do."""
    first, until, kept = None, None, []
    for term in parse_filter(options.get("$filter", "")):
        if term.path[-1] != EVENT_START:
            kept.append(term)
            continue
        instant = parse_instant(str(term.value))
        if term.operator == "ge":
            first = instant
        elif term.operator == "lt":
            until = instant
        else:
            raise BadQueryError(f"{EVENT_START} can be filtered with ge and lt only.")
    return Query(
        top=_count(options, "$top"),
        skip=_count(options, "$skip") or 0,
        select=tuple(name.strip() for name in options.get("$select", "").split(",") if name.strip()),
        terms=tuple(kept),
        first=first,
        until=until,
        has_count=options.get("$count", "").lower() == "true",
        filter=options.get("$filter", ""),
    )


def _count(options: Mapping[str, str], name: str) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not text.isdigit():
        raise BadQueryError(f"{name} must be a whole number.")
    return int(text)


def parse_filter(text: str) -> list[Term]:
    """Read comparisons joined by and."""
    terms: list[Term] = []
    for part in _AND.split(text) if text.strip() else []:
        found = _TERM.fullmatch(part)
        if found is None:
            raise BadQueryError(f"The filter can't be read near '{part.strip()}'.")
        path, operator, value = found.groups()
        if operator not in {"eq", "ne"} and not path.endswith(EVENT_START):
            raise BadQueryError(f"Operator {operator} is not supported on {path}.")
        terms.append(Term(tuple(path.split("/")), operator, _value(value)))
    return terms


def _value(text: str) -> Any:
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if text.isdigit() else text


def parse_instant(text: str) -> float:
    """Read a full date-time with Z; a bare date is an error."""
    if not _INSTANT.fullmatch(text):
        raise BadQueryError("A date-time must be written in full with Z, as 2014-02-13T13:00:00Z.")
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError as problem:
        raise BadQueryError(f"{text} is not a date-time.") from problem


def check_range(query: Query, *, is_needed: bool) -> None:
    """Refuse a missing or half range where one is needed, and one of more than 90 days."""
    if query.first is None and query.until is None and not is_needed:
        return
    if query.first is None or query.until is None:
        raise BadQueryError(f"A range of {EVENT_START} (ge and lt) is required.")
    if query.until - query.first > MOST_DAYS * _SECONDS_A_DAY:
        raise BadQueryError(f"The range of {EVENT_START} may not exceed {MOST_DAYS} days.")


def sift(rows: Sequence[bytes], query: Query) -> list[bytes]:
    """Keep the rows that meet every comparison."""
    return [row for row in rows if _meets(_DECODE(row), query.terms)]


def _meets(row: Any, terms: tuple[Term, ...]) -> bool:
    return all((_reach(row, term.path) == term.value) == (term.operator == "eq") for term in terms)


def _reach(row: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if not isinstance(row, dict):
            return None
        row = row.get(name)
    return row


def project(rows: Sequence[bytes], names: tuple[str, ...]) -> list[bytes]:
    """Keep the selected items of each row, and always what marks it as removed."""
    wanted = {*names, "@removed"}
    return [_ENCODE({name: value for name, value in _DECODE(row).items() if name in wanted}) for row in rows]


@dataclass(frozen=True, slots=True)
class Page:
    """One page about to be sent."""

    context: str
    rows: Sequence[bytes]
    next_link: str | None
    total: int | None

    def encode(self) -> bytes:
        """Write the envelope around the rows."""
        head = b'{"@odata.context":' + _ENCODE(self.context)
        if self.total is not None:
            head += b',"@odata.count":' + str(self.total).encode()
        tail = b"" if self.next_link is None else b',"@odata.nextLink":' + _ENCODE(self.next_link)
        return head + b',"value":[' + b",".join(self.rows) + b"]" + tail + b"}"


def next_link(url: str, options: Mapping[str, str], *, skip: int, top: int | None) -> str:
    """Give the absolute address of the page that starts at skip."""
    changed = {name: value for name, value in options.items() if name not in {"$skip", "$top"}}
    changed |= {"$skip": str(skip)} | ({} if top is None else {"$top": str(top)})
    return f"{url}?{urlencode(changed, safe='$', quote_via=quote)}"
