"""The bytes of pages while their domain is read: in memory up to a bound, beyond it in a temporary file."""

from __future__ import annotations

import tempfile
from array import array
from typing import IO

IN_MEMORY = 2 * 1024 * 1024


class Bodies:
    """Pieces of bytes, found again by their place. Close it: the file, if there is one, then goes."""

    def __init__(self, *, in_memory: int = IN_MEMORY) -> None:
        """``in_memory`` is how many bytes are held before a file is used."""
        self._kept: list[bytes] = []
        self._ends = array("Q")
        self._left = in_memory
        self._file: IO[bytes] | None = None
        self.size = 0

    def add(self, piece: bytes) -> int:
        """Keep a piece; answers its number, from 0."""
        self.size += len(piece)
        if self._file is None and len(piece) <= self._left:
            self._left -= len(piece)
            self._kept.append(piece)
            return len(self._kept) - 1
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives until close()
        at = self._file.seek(0, 2)
        self._file.write(piece)
        self._ends.append(at + len(piece))
        return len(self._kept) + len(self._ends) - 1

    def get(self, number: int) -> bytes:
        """The piece with this number."""
        if number < len(self._kept):
            return self._kept[number]
        if self._file is None:
            raise IndexError(number)
        place = number - len(self._kept)
        at = self._ends[place - 1] if place else 0
        self._file.seek(at)
        return self._file.read(self._ends[place] - at)

    def close(self) -> None:
        """Let everything go."""
        self._kept = []
        self._ends = array("Q")
        if self._file is not None:
            self._file.close()
            self._file = None
