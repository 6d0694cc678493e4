"""Packs a message while it is written, so that a large one is never held whole."""

from __future__ import annotations

import gzip
import hashlib
from io import BytesIO
from typing import BinaryIO, cast

import msgspec

COMPRESSION = 1
"""XML shrinks to a tenth at gzip's first level already; higher ones cost more time than they save."""


class PackedMessage(msgspec.Struct, frozen=True):
    """A message as it is kept: gzip, with the size in bytes and the blake2b-256 of the message itself."""

    body: bytes
    size: int
    digest: str


class Packing:
    """A message on its way into the store: write its bytes, then ask for what became of them, once."""

    def __init__(self) -> None:
        """Nothing written yet."""
        self._out = BytesIO()
        self._gzip = gzip.GzipFile(
            filename="", mode="wb", compresslevel=COMPRESSION, fileobj=self._out, mtime=0
        )
        self._digest = hashlib.blake2b(digest_size=32)
        self._size = 0

    def write(self, piece: bytes) -> int:
        """Take the next bytes."""
        self._digest.update(piece)
        self._size += len(piece)
        return self._gzip.write(piece)

    def as_file(self) -> BinaryIO:
        """This, for those who write to a file."""
        return cast("BinaryIO", self)

    def packed(self) -> PackedMessage:
        """The whole message, packed."""
        self._gzip.close()
        return PackedMessage(body=self._out.getvalue(), size=self._size, digest=self._digest.hexdigest())


def pack(body: bytes) -> PackedMessage:
    """A message that is there as a whole, packed."""
    packing = Packing()
    packing.write(body)
    return packing.packed()
