"""The bytes of a message on their way to the parser, watched before the parser sees them.

A document type is refused in the first bytes, where alone it can stand: with entity resolution off
the parser would drop external entities without a word.  That search is sound because only UTF-8 is
taken.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from schoolgate_message.layout import ROOT
from schoolgate_message.message_errors import MessageError, too_large, truncated, wrong_encoding

DEFAULT_MAX_BYTES = 256 * 1024 * 1024
"""A message beyond this is refused unread."""
CHUNK_BYTES = 64 * 1024
PROLOGUE_BYTES = 16 * 1024
"""Within these bytes the message's first element must begin."""

_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x3c", b"\x3c\x00", b"\x00\x00", b"\x4c\x6f\xa7\x94")
_DECLARED_ENCODING = re.compile(rb"""\A(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']""")
_CLOSING = f"</{ROOT}>".encode()


class GuardedSource:
    """Hands a message on in pieces, after a look at its beginning and never more than ``max_bytes``.

    ``line`` is the line up to which it has read.
    """

    def __init__(self, stream: BinaryIO, *, max_bytes: int) -> None:
        """Read the beginning; raises MessageError if it is not that of a message."""
        self._stream = stream
        self._max_bytes = max_bytes
        self._read = 0
        self.line = 1
        self._tail = b""
        self._is_at_end = False
        self._waiting = self._prologue()

    @property
    def was_cut_off(self) -> bool:
        """Whether the bytes came to an end without the message's closing tag."""
        return self._is_at_end and not self._tail.rstrip().endswith(_CLOSING)

    def read(self) -> bytes:
        """The next piece; empty at the end."""
        piece, self._waiting = self._waiting, b""
        return piece or self._take()

    def _take(self) -> bytes:
        piece = self._stream.read(CHUNK_BYTES)
        self._read += len(piece)
        if self._read > self._max_bytes:
            raise too_large(self._max_bytes, line=self.line)
        self.line += piece.count(b"\n")
        if piece:
            self._tail = (self._tail + piece)[-256:]
        else:
            self._is_at_end = True
        return piece

    def _prologue(self) -> bytes:
        beginning = b""
        root = b"<" + ROOT.encode()
        while root not in beginning and len(beginning) < PROLOGUE_BYTES and (piece := self._take()):
            beginning += piece
        _check_encoding(beginning)
        before, found, _ = beginning.partition(root)
        if b"<!DOCTYPE" in before or b"<!ENTITY" in before:
            raise MessageError(
                "message.doctype",
                "The message declares a document type or entities; messages have neither.",
                "Send the message without a document type declaration.",
                before[: before.index(b"<!")].count(b"\n") + 1,
            )
        if not found:
            if self._is_at_end and _may_go_on(before):
                raise truncated(before.count(b"\n") + 1)
            raise MessageError(
                "message.schema",
                f"The file does not begin with the element {ROOT}: it is not a B2B message.",
                "Send a B2B message.",
                1,
            )
        return beginning


def _check_encoding(beginning: bytes) -> None:
    declared = _DECLARED_ENCODING.match(beginning)
    is_other = beginning.startswith(_OTHER_ENCODINGS)
    if is_other or (declared and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}):
        raise wrong_encoding(1)


def _may_go_on(beginning: bytes) -> bool:
    """Whether these bytes could be the start of a message that was cut off before its first element."""
    last = beginning[beginning.rfind(b"<") :] if b"<" in beginning else b""
    if last and f"<{ROOT}".encode().startswith(last):
        beginning = beginning[: -len(last)]
    return not beginning.strip() or (
        beginning.lstrip().startswith(b"<") and not re.search(rb"<[A-Za-z_]", beginning)
    )
