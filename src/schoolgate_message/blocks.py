"""A block in canonical form, and its hash.

Two blocks are the same when their canonical bytes are: items sorted by name, empty values left
out, text trimmed and in Unicode NFC, rows sorted and without repeats.  The hash knows no source
and no external id, so that a snapshot from a school's new system traps what its old one had sent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec
import xxhash

from schoolgate_message.items import DataGroup, DataItem, ItemType

Value = str | int | bool
"""A data item's value; an absent value is an absent key."""
Row = dict[str, Value]
Content = Row | list[Row]
"""One record, or the rows of a group that is a list."""

CANONICAL_VERSION = 1
"""Part of every hash: raising it makes every block new."""

_encode = msgspec.json.Encoder(order="sorted").encode


class InvalidValueError(ValueError):
    """A value that its data item cannot hold; carries the item's name, never the value."""

    def __init__(self, item: str, reason: str) -> None:
        """Name the item and say in plain words what is wrong."""
        super().__init__(f"{item}: {reason}")
        self.item = item
        self.reason = reason


def canonical_value(item: DataItem, value: object) -> Value | None:
    """Bring a value into its item's one written form; ``None`` when it says nothing.

    Raises InvalidValueError when the value is not of the item's type.
    """
    if value is None:
        return None
    if item.type is ItemType.YES_NO:
        return _yes_no(item, value)
    if item.type is ItemType.NUMBER:
        return _number(item, value)
    text = str(value).strip()
    if not text:
        return None
    if item.type is ItemType.DATE:
        return _date(item, text)
    if item.type is ItemType.DECIMAL:
        return _decimal(item, text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if len(text) > item.max_length:
        raise InvalidValueError(item.name, f"is longer than {item.max_length} characters")
    return text


def canonical_row(group: DataGroup, row: Mapping[str, object]) -> Row:
    """Bring one record or row into canonical form; unknown items are refused."""
    unknown = row.keys() - set(group.item_names)
    if unknown:
        raise InvalidValueError(min(unknown), f"is not an item of {group.label}")
    found: Row = {}
    for item in group.items:
        value = canonical_value(item, row.get(item.name))
        if value is not None:
            found[item.name] = value
    return found


def canonical(group: DataGroup, content: Mapping[str, object] | Iterable[Mapping[str, object]]) -> Content:
    """Bring a whole block into canonical form: rows without content dropped, sorted, unrepeated."""
    if isinstance(content, Mapping):
        return canonical_row(group, content)
    rows = {_encode(row): row for row in (canonical_row(group, each) for each in content) if row}
    return [rows[key] for key in sorted(rows)]


def canonical_bytes(content: Content) -> bytes:
    """Write canonical content as bytes: the form that is hashed and kept in the audit."""
    return _encode(content)


def content_hash(group: DataGroup, content: Content) -> bytes:
    """Sixteen bytes that change when the block does (xxh3, not proof against tampering)."""
    prefix = b"%d:%d:" % (CANONICAL_VERSION, group.number)
    return xxhash.xxh3_128_digest(prefix + _encode(content))


def _yes_no(item: DataItem, value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in {"true", "1", "y", "t"}:
        return True
    if text in {"false", "0", "n", "f"}:
        return False
    raise InvalidValueError(item.name, "is neither yes nor no")


def _number(item: DataItem, value: object) -> int:
    try:
        return int(str(value).strip())
    except ValueError:
        raise InvalidValueError(item.name, "is not a whole number") from None


def _date(item: DataItem, text: str) -> str:
    day = text[:10]
    parts = day.split("-")
    if len(day) != 10 or len(parts) != 3 or not all(part.isdigit() for part in parts):
        raise InvalidValueError(item.name, "is not a date written YYYY-MM-DD")
    try:
        date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        raise InvalidValueError(item.name, "is not a day of the calendar") from None
    return day


def _decimal(item: DataItem, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InvalidValueError(item.name, "is not a number") from None
    if not number.is_finite():
        raise InvalidValueError(item.name, "is not a number")
    return format(number.normalize(), "f")
