"""How one value is written: the canonical form of each type of data item.

Every converter takes what a source or a message gave (text, number, yes/no) and answers the one
written form, or ``None`` when the value says nothing.  It refuses what the item cannot hold, and
what neither a message nor the register can carry, with InvalidValueError, whatever it was given: an
object, a list, a number of a thousand digits.

Of a text, white space around it goes, and nothing else.  A control character, half a surrogate pair and
U+FFFD, which stands where a character was lost on the way, refuse the value: what is left of a name
without them is another name.  Days have a module of their own (``days``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache

from schoolgate_message import days
from schoolgate_message.items import DataItem, ItemType

Value = str | int | bool
"""A data item's value; an absent value is an absent key."""

Converter = Callable[[object], Value | None]

LARGEST_NUMBER = 999_999_999
"""The largest whole number an item holds, either way from nought."""
DECIMAL_DIGITS = 7
DECIMAL_PLACES = 2
"""What a decimal item holds: five digits before the point and two after it."""

UNCARRIED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters XML 1.0 has no way to write: control characters, lone surrogates, two non-characters."""

LOST = "\ufffd"
"""What stands where a character could not be read."""

_DAYS_KEPT = 50_000
"""So many different days are kept checked: more than lives in a school have."""
_MOST_BITS = 128
"""Whole numbers beyond these many bits are not even written out."""
_WHOLE = re.compile(r"[+-]?[0-9]+")
_PLAIN_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{0,12})?")
_YES = frozenset({"true", "1", "y", "t", "yes"})
_NO = frozenset({"false", "0", "n", "f", "no"})


class InvalidValueError(ValueError):
    """A value that its data item cannot hold; carries the item's name, never the value."""

    def __init__(self, item: str, reason: str) -> None:
        """Name the item and say in plain words what is wrong."""
        super().__init__(f"{item}: {reason}")
        self.item = item
        self.reason = reason


@cache
def converter(item: DataItem, *, may_be_lost: bool = False) -> Converter:
    """The function that brings values of this item into canonical form.

    With ``may_be_lost`` a text may hold U+FFFD: in a message, whose block is then refused where it lands.
    """
    match item.type:
        case ItemType.YES_NO:
            return _yes_no(item.name)
        case ItemType.NUMBER:
            return _number(item.name)
        case ItemType.DATE:
            return _date(item.name)
        case ItemType.DECIMAL:
            return _decimal(item.name)
        case _ if item.is_number:
            return _number_text(item.name, item.max_length, may_be_lost=may_be_lost)
        case _:
            return _text(item.name, item.max_length, may_be_lost=may_be_lost)


def as_number(text: str) -> str:
    """A number with letters in it, in capitals and without spaces; other scripts are no such number."""
    plain = "".join(text.split())
    return plain.upper() if plain.isascii() else text


def _number_text(name: str, longest: int, *, may_be_lost: bool) -> Converter:
    in_text = _text(name, longest, may_be_lost=may_be_lost)

    def convert(value: object) -> Value | None:
        return in_text(as_number(value if type(value) is str else _said(name, value)))

    return convert


def _text(name: str, longest: int, *, may_be_lost: bool) -> Converter:
    def convert(value: object) -> str | None:
        text = value.strip() if type(value) is str else _said(name, value)
        if not text:
            return None
        if not text.isascii():
            if LOST in text and not may_be_lost:
                raise InvalidValueError(name, "holds a character that was lost on the way")
            text = unicodedata.normalize("NFC", text)
        if len(text) > longest:
            raise InvalidValueError(name, f"is longer than {longest} characters")
        if not text.isprintable() and UNCARRIED.search(text):
            raise InvalidValueError(name, "holds a character that a message cannot carry")
        return text

    return convert


def _yes_no(name: str) -> Converter:
    def convert(value: object) -> bool | None:
        if isinstance(value, bool):
            return value
        text = _said(name, value).lower()
        if not text:
            return None
        if text in _YES:
            return True
        if text in _NO:
            return False
        raise InvalidValueError(name, "is neither yes nor no")

    return convert


def _number(name: str) -> Converter:
    def convert(value: object) -> int | None:
        if type(value) is int and -LARGEST_NUMBER <= value <= LARGEST_NUMBER:
            return value
        text = _said(name, value)
        if not text:
            return None
        if not _WHOLE.fullmatch(text):
            raise InvalidValueError(name, "is not a whole number")
        if len(text.lstrip("+-0")) > len(str(LARGEST_NUMBER)):
            raise InvalidValueError(name, f"is beyond {LARGEST_NUMBER}")
        return int(text)

    return convert


def _date(name: str) -> Converter:
    known: dict[str, str | None] = {}  # a school has a few thousand different days; checked once each

    def convert(value: object) -> str | None:
        text = value.strip() if type(value) is str else _said(name, value)
        if not text:
            return None
        if text not in known:
            try:
                day = days.written_day(text)
            except ValueError as error:
                raise InvalidValueError(name, str(error)) from None
            if len(known) > _DAYS_KEPT:
                known.clear()
            known[text] = day
        return known[text]

    return convert


def _decimal(name: str) -> Converter:
    def convert(value: object) -> str | None:
        text = _said(name, value)
        if not text:
            return None
        if not _PLAIN_DECIMAL.fullmatch(text):
            raise InvalidValueError(name, "is not a number")
        number = Decimal(text)
        if abs(number) >= 10 ** (DECIMAL_DIGITS - DECIMAL_PLACES):
            raise InvalidValueError(
                name, f"has more than {DECIMAL_DIGITS - DECIMAL_PLACES} digits before the point"
            )
        written = format((number + 0).normalize(), "f")
        if len(written.partition(".")[2]) > DECIMAL_PLACES:
            raise InvalidValueError(name, f"has more than {DECIMAL_PLACES} digits after the point")
        return written

    return convert


def _said(name: str, value: object) -> str:
    """What was given, as text without white space around it; nothing for nothing.

    A number that is whole is written without a point, however it was sent.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        raise InvalidValueError(name, "is yes or no, and says nothing else")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise InvalidValueError(name, "is a number beyond all bounds")
    if isinstance(value, int | float | Decimal | date):
        return str(value)
    raise InvalidValueError(name, "is not a single value")
