"""JSON as sources really write it: what one odd byte spoils is one row, not the page around it.

A page is parsed as a whole, fast. Where that fails, it is mended or taken apart here: half a surrogate pair
and a byte that isn't UTF-8 become U+FFFD, which no value may hold and whose block is refused for it; a row
that can't be read at all is left to be counted. A page that ends early stays a page that ends early.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

import msgspec

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]', re.DOTALL)
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
_MEMBER = re.compile(rb'\s*("(?:[^"\\]|\\.)*")\s*:\s*(.*)', re.DOTALL)
_MOST_DIGITS = 300
_OPEN, _CLOSE = b"[{", b"]}"


class CutError(ValueError):
    """The text ends before what it began."""


class UnreadableError(ValueError):
    """Something that is no JSON, or more than can be taken in."""


def without_mark(body: bytes) -> bytes:
    """The body without the byte-order mark that some services write before it."""
    return body.removeprefix(codecs.BOM_UTF8)


def mended(body: bytes) -> bytes:
    """The body with every half of a surrogate pair as U+FFFD."""
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], body)


def members(body: bytes) -> dict[str, bytes]:
    """The members of an object, as they are written. Raises CutError and UnreadableError."""
    found: dict[str, bytes] = {}
    for part in _parts(body, b"{"):
        member = _MEMBER.fullmatch(part)
        if member is None:
            raise UnreadableError("a member without a name")
        name, value = member.groups()
        found[str(decoded(name))] = value
    return found


def elements(body: bytes) -> list[bytes]:
    """The elements of an array, as they are written. Raises CutError and UnreadableError."""
    return list(_parts(body, b"["))


def decoded(raw: bytes | msgspec.Raw) -> object:
    """What a piece of JSON says, unreadable characters as U+FFFD. Raises UnreadableError.

    Numbers of any size are read, as text where they are too large.
    """
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _decoded_with_care(bytes(raw))


def rewritten(raw: bytes) -> bytes:
    """A piece of JSON in a form that every reader takes. Raises UnreadableError."""
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.encode(_decoded_with_care(raw))
    return raw


def _decoded_with_care(raw: bytes) -> object:
    text = mended(raw).decode("utf-8", errors="replace")
    try:
        return json.loads(text, strict=False, parse_int=_whole, parse_float=_number, parse_constant=str)
    except RecursionError as error:
        raise UnreadableError("nested too deeply") from error
    except ValueError as error:
        raise UnreadableError("not JSON") from error


def _whole(text: str) -> int | str:
    """A whole number, or its text where it is beyond all that is counted."""
    return int(text) if len(text) <= _MOST_DIGITS else text


def _number(text: str) -> float | str:
    """A number, or its text where it is none that can be reckoned with."""
    number = float(text)
    return number if abs(number) != float("inf") else text


def _parts(body: bytes, opening: bytes) -> Iterator[bytes]:
    """What stands between the commas of an array or object."""
    depth = 0
    begin = 0
    for token in _TOKEN.finditer(body):
        mark = token[0]
        if mark in _OPEN:
            depth += 1
            if depth == 1:
                if mark != opening or body[: token.start()].strip():
                    raise UnreadableError("of another kind than expected")
                begin = token.end()
        elif mark in _CLOSE:
            depth -= 1
            if depth <= 0:
                last = body[begin : token.start()].strip()
                if last:
                    yield last
                return
        elif mark == b"," and depth == 1:
            yield body[begin : token.start()].strip()
            begin = token.end()
    raise CutError("it ends early")
