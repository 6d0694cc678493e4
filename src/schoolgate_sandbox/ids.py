"""Identifiers and chance, both drawn from the seed.

Everything the sandbox invents is named by the seed and a path of words, so the
same seed always gives the same schools, children and ids, in whatever order
the schools are first touched.
"""

from __future__ import annotations

import hashlib
import random
import uuid

_VARIANT = "89ab"


class Ids:
    """Names things by the seed: version 5 UUIDs, secrets, and random streams."""

    def __init__(self, seed: int) -> None:
        """Take the seed that decides everything."""
        self.seed = seed
        self._space = uuid.uuid5(uuid.NAMESPACE_URL, f"https://sandbox.example/{seed}").bytes

    def uid(self, name: str) -> str:
        """Give the version 5 UUID of a name, written in lower case with hyphens."""
        digest = hashlib.sha1(self._space + name.encode(), usedforsecurity=False).hexdigest()
        variant = _VARIANT[int(digest[16], 16) & 3]
        return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"

    def secret(self, name: str, *, length: int = 40) -> str:
        """Give an invented secret of up to 64 hexadecimal characters."""
        return hashlib.sha256(self._space + b"secret" + name.encode()).hexdigest()[:length]

    def number(self, name: str) -> int:
        """Give a 64-bit number of a name."""
        digest = hashlib.blake2b(self._space + name.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big")

    def rng(self, name: str) -> random.Random:
        """Give the random stream of a name; invented data only, never a key."""
        return random.Random(self.number(name))
