"""A block in canonical form, and its hash.

Two blocks are the same when their canonical bytes are: items sorted by name, empty values left
out, text trimmed and in Unicode NFC, rows sorted and without repeats.  The hash knows no source
and no external id, so that a snapshot from a school's new system traps what its old one had sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import msgspec
import xxhash

from schoolgate_message import values
from schoolgate_message.items import DataGroup, DataItem
from schoolgate_message.values import InvalidValueError, Value

__all__ = [
    "CANONICAL_VERSION",
    "Content",
    "InvalidValueError",
    "Row",
    "Value",
    "canonical",
    "canonical_bytes",
    "canonical_row",
    "canonical_value",
    "content_from",
    "content_hash",
    "hash_of_bytes",
    "in_canonical_order",
    "in_canonical_order_with_ids",
]

Row = dict[str, Value]
Content = Row | list[Row]
"""One record, or the rows of a group that is a list."""

CANONICAL_VERSION = 1
"""Part of every hash: raising it makes every block new."""

_encode = msgspec.json.Encoder(order="sorted").encode
_decode: Callable[[bytes | str], Content] = msgspec.json.Decoder(Content).decode


def canonical_value(item: DataItem, value: object) -> Value | None:
    """Bring a value into its item's one written form; ``None`` when it says nothing.

    Raises InvalidValueError when the value is not of the item's type.
    """
    return values.converter(item)(value)


def canonical_row(group: DataGroup, row: Mapping[str, object]) -> Row:
    """Bring one record or row into canonical form; unknown items are refused."""
    return _row_converter(group)(row)


def canonical(group: DataGroup, content: Mapping[str, object] | Iterable[Mapping[str, object]]) -> Content:
    """Bring a whole block into canonical form: rows without content dropped, sorted, unrepeated.

    Raises InvalidValueError for a value its item cannot hold, for an item the group does not have,
    and for one record where the group is a list or rows where it is not.
    """
    convert = _row_converter(group)
    if isinstance(content, Mapping):
        if group.is_list:
            raise InvalidValueError(group.name, "is a list, and one record was given")
        return convert(content)
    if not group.is_list:
        raise InvalidValueError(group.name, "is one record, and a list was given")
    return in_canonical_order([row for row in map(convert, content) if row])


def in_canonical_order(rows: list[Row]) -> list[Row]:
    """Sort canonical rows by their bytes and drop repeats."""
    if len(rows) < 2:  # noqa: PLR2004 - nothing to sort
        return rows
    by_bytes = {_encode(row): row for row in rows}
    return [by_bytes[key] for key in sorted(by_bytes)]


def in_canonical_order_with_ids(rows: Sequence[Row], ids: Sequence[str]) -> tuple[list[Row], tuple[str, ...]]:
    """The same for rows that come with the source's ids (empty for none), each keeping its own.

    Rows without content go with their ids.  Of equal rows one stays, with the lowest of their ids.  An id
    that two rows claim names neither: both lose it.  The ids are empty where no row has one left.
    """
    lowest: dict[bytes, str] = {}
    by_bytes: dict[bytes, Row] = {}
    for row, row_id in zip(rows, ids, strict=True):
        if row:
            key = _encode(row)
            by_bytes[key] = row
            lowest[key] = min(filter(None, (row_id, lowest.get(key))), default="")
    times = Counter(lowest.values())
    ordered = sorted(by_bytes)
    kept = tuple(lowest[key] if times[lowest[key]] == 1 else "" for key in ordered)
    return [by_bytes[key] for key in ordered], kept if any(kept) else ()


def canonical_bytes(content: Content) -> bytes:
    """Write canonical content as bytes: the form that is hashed and kept in the audit."""
    return _encode(content)


def content_from(body: bytes | str) -> Content:
    """Read canonical bytes again."""
    return _decode(body)


def content_hash(group: DataGroup, content: Content) -> bytes:
    """Sixteen bytes that change when the block does (xxh3, not proof against tampering)."""
    return hash_of_bytes(group, _encode(content))


def hash_of_bytes(group: DataGroup, written: bytes) -> bytes:
    """The same of a block's canonical bytes, for whoever has them already."""
    return xxhash.xxh3_128_digest(_prefix(group) + written)


@cache
def _prefix(group: DataGroup) -> bytes:
    return b"%d:%d:" % (CANONICAL_VERSION, group.number)


@cache
def _row_converter(group: DataGroup) -> Callable[[Mapping[str, object]], Row]:
    """Compile a group's items once: this is the inner loop of sifting a county's pupils."""
    converters = {item.name: values.converter(item) for item in group.items}
    known = converters.keys()

    def convert(row: Mapping[str, object]) -> Row:
        if not row.keys() <= known:
            raise InvalidValueError(min(row.keys() - known), f"is not an item of {group.label}")
        found: Row = {}
        for name, value in row.items():
            if value is not None:
                written = converters[name](value)
                if written is not None:
                    found[name] = written
        return found

    return convert
